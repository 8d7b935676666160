"""Where a run takes place: a platform of its own with fsync on, its databases, its accounts."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from joserfc import jwt

from kit.database import connect, folders, numbered, parameters, standing_alone
from kit.embedded.issuer.tokens import signing_key
from kit.embedded.postgres import superuser_password
from kit.embedded.processes import working_in
from kit.embedded.roles import prepare
from kit.embedded.workloads import workloads
from kit.ids import uuid7
from kit.settings import Settings
from tests.platform import Platform

OFF = {"OTEL_SDK_DISABLED": "true"}
ONE_PERCENT = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"}
ALL = {"OTEL_TRACES_SAMPLER": "parentbased_always_on"}
"""How much of the traffic is traced."""
HOUR = 3600


@dataclass
class Stage:
    """A running platform and what a bench needs to know of it."""

    platform: Platform

    @classmethod
    @contextmanager
    def open(cls, folder: Path, **environment: str) -> "Iterator[Stage]":
        """A platform in `folder`, stopped at the end."""
        folder.mkdir(parents=True, exist_ok=True)
        for path in (folder, folder.parent):
            path.chmod(0o755)
        platform = Platform.prepare(folder / "var", **environment)
        platform.start()
        try:
            yield cls(platform)
        finally:
            platform.stop()

    @property
    def config(self) -> Settings:
        """The platform's settings, for use in this process."""
        return self.platform.settings

    @property
    def ports(self) -> tuple[int, ...]:
        """Port of the door."""
        return (self.config.http_port,)

    @property
    def groups(self) -> dict[str, tuple[int, ...]]:
        """Processes of the platform by name, PostgreSQL among them."""
        told = json.loads((self.config.var / "run" / "processes.json").read_text())
        found = {row["name"]: (row["pid"],) for row in told["processes"]}
        servers = working_in(self.config.var / "postgres", "postgres")
        return found | {"postgres": (min(one.pid for one in servers),)}

    def dsn(self, database: str) -> str:
        """A database as the superuser, whom row security does not hold."""
        password = superuser_password(self.config.secret_folder)
        return f"postgresql://postgres:{password}@127.0.0.1:{self.config.postgres_port}/{database}"

    async def pool(self, workload: str, size: int = 8) -> "asyncpg.Pool[asyncpg.Record]":
        """A pool as the workload's own, under row security."""
        return await asyncpg.create_pool(
            **parameters(workload, "app", self.config), min_size=1, max_size=size, reset=_keep
        )

    async def superuser(self, workload: str) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection to a workload's database."""
        return await asyncpg.connect(self.dsn(self.config.database(workload)))

    async def twin(self, name: str, *, row_security: bool = False) -> None:
        """Another database with the tables and indexes of filing, by default without row security."""
        await prepare([name], self.config)
        owner = await connect(name, "owner", self.config)
        app = f'"{parameters(name, "app", self.config)["user"]}"'
        try:
            for _, folder in folders("filing"):
                for file in numbered(folder):
                    text = file.read_text("utf-8").replace(":app", app)
                    for part in standing_alone(text) or [text]:
                        await owner.execute(part)
            for table in () if row_security else ("filing", "filing_step"):
                await owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        finally:
            await owner.close()

    async def quiet(self, seconds: float = 60) -> float:
        """Wait until every fact is published and consumed, then write everything down; s waited.

        Plans are made for tables as full as they are now, as autovacuum has it within a minute.
        """
        began = time.monotonic()
        filing, log = await self.superuser("filing"), await self.superuser("log")
        try:
            while await filing.fetchval(UNPUBLISHED) or await log.fetchval(LAG):
                if time.monotonic() - began > seconds:
                    raise RuntimeError("facts are still on their way")
                await asyncio.sleep(0.05)
        finally:
            await filing.close()
            await log.close()
        for database in (*workloads(), "log"):
            await self.analyze(database)
        await self.checkpoint()
        return time.monotonic() - began

    async def stop_printing(self) -> None:
        """Put off all letters that wait for the press."""
        connection = await self.superuser("filing")
        try:
            await connection.execute(PUT_OFF)
        finally:
            await connection.close()

    async def analyze(self, database: str) -> None:
        """Clean a database up and count its rows."""
        connection = await self.superuser(database)
        try:
            await connection.execute("VACUUM (ANALYZE)")
        finally:
            await connection.close()

    async def checkpoint(self) -> None:
        """Write all tables down, so that nobody pays for what another wrote."""
        connection = await self.superuser("filing")
        try:
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()

    def tokens(self, accounts: list[str], **claims: Any) -> list[str]:
        """Access tokens as the sign-on makes them, for an hour."""
        config, now = self.config, int(time.time())
        key = signing_key(config.secret_folder)
        header = {"alg": "RS256", "typ": "JWT", "kid": key.thumbprint()}
        fixed = {
            "iss": config.issuer,
            "aud": [config.audience],
            "azp": "minzheng-portal",
            "typ": "Bearer",
            "iat": now,
            "exp": now + HOUR,
            "assurance": "high",
            "scope": "openid",
        }
        return [
            jwt.encode(header, fixed | {"sub": who, "jti": str(uuid7())} | claims, key)
            for who in accounts
        ]


async def _keep(_: object) -> None:
    """No reset, as in the product."""


PUT_OFF = "UPDATE filing_letter SET try_at = 'infinity' WHERE NOT stored AND try_at < 'infinity'"
UNPUBLISHED = "SELECT count(*) FROM kit.outbox WHERE published_at IS NULL"
LAG = """SELECT coalesce(sum(h.next_offset - c.next_offset), 0)::bigint FROM log.committed c
 JOIN log.head h USING (topic_id, partition)"""
