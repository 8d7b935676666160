"""A PostgreSQL of its own with fsync on and nothing beside it: for what needs no door."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from kit.database import migrate
from kit.embedded.apart import free_ports
from kit.embedded.postgres import Postgres
from kit.embedded.roles import prepare
from kit.embedded.secrets import make_secrets
from kit.settings import Settings


@asynccontextmanager
async def server(*workloads: str) -> AsyncIterator[Settings]:
    """Settings of a server with the migrated databases of these workloads and the log's."""
    with tempfile.TemporaryDirectory(prefix="minzheng-bench-") as folder:
        Path(folder).chmod(0o755)
        config = Settings(profile="test", var=Path(folder) / "var", postgres_port=free_ports(1)[0])
        config.var.mkdir(mode=0o755)
        config.secret_folder.mkdir(parents=True, exist_ok=True)
        make_secrets(config.secret_folder)
        running = Postgres.of(config)
        running.start()
        try:
            for name in (*workloads, "log"):
                await prepare([name], config)
                await migrate(name, config)
            yield config
        finally:
            running.stop()
