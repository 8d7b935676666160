"""Starts the monolith: uvicorn with one worker or two, as a team would deploy it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kit.embedded.apart import free_ports
from kit.embedded.issuer.tokens import signing_key
from tests.bench.stage import Stage
from tests.platform import ROOT

SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Monolith:
    """A running monolith."""

    port: int
    pid: int


@asynccontextmanager
async def monolith(stage: Stage, database: str, workers: int) -> AsyncIterator[Monolith]:
    """The monolith on a database of the stage's server."""
    port = free_ports(1)[0]
    dsn = stage.dsn(database).replace("postgresql://", "postgresql+asyncpg://")
    config = stage.config
    told = {
        "MONOLITH_DSN": dsn,
        "MONOLITH_KEY": json.dumps(signing_key(config.secret_folder).as_dict(private=False)),
        "MONOLITH_ISSUER": config.issuer,
        "MONOLITH_AUDIENCE": config.audience,
    }
    command = [
        sys.executable, "-m", "uvicorn", "tests.bench.monolith.app:app", "--port", str(port),
        "--workers", str(workers), "--no-access-log", "--log-level", "warning",
        "--loop", "uvloop", "--http", "httptools",
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: ASYNC220 - it is over at once
        command, cwd=ROOT, env=os.environ | stage.platform.environment | told
    )
    try:
        await _answers(process, port)
        yield Monolith(port, process.pid)
    finally:
        process.terminate()
        process.wait(20)


async def _answers(process: "subprocess.Popen[bytes]", port: int) -> None:
    async with asyncio.timeout(SECONDS):
        while process.poll() is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return
    raise RuntimeError("the monolith ended")
