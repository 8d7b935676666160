"""A database with a sealed trail, and both verifiers."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from kit.audit import Sealer, Seals, checkpoint, verify_alone
from kit.audit.export import export
from kit.audit.row import signed
from kit.audit.verify import Broken, Verified, verify
from kit.database import Database, connect
from kit.secrets import Keyring
from kit.settings import Settings
from tests.conftest import Workload

INSERT = """INSERT INTO kit.audit (service, at, subject, role, post_id, action, object_id,
 region_path, outcome, reason, from_state, to_state, rule_version, decision_id, traceparent,
 key_id, mac) VALUES ($1, $2, $3, 'TOWN_CLERK', '', 'act', $4, '/', 'done', '', '', '', '', $5, '',
 $6, $7)"""


@dataclass
class Trail:
    """An audit trail under test; `owner` is the administrator who tampers."""

    database: Database
    owner: "asyncpg.Connection[asyncpg.Record]"
    keyring: Keyring
    folder: Path
    sealer: Sealer

    async def write(self, number: int, service: str = "filing", subject: str = "clerk") -> None:
        """A row as the unit of work writes it."""
        row = {
            "service": service, "at": datetime.now(UTC), "business_on": None, "subject": subject,
            "role": "TOWN_CLERK", "post_id": "", "action": "act", "object_id": f"object-{number}",
            "region_path": "/", "outcome": "done", "reason": "", "from_state": "", "to_state": "",
            "rule_version": "", "decision_id": uuid4(), "traceparent": "",
        }  # fmt: skip
        made = signed(row, self.keyring.audit_id, self.keyring.mac)
        values = ("service", "at", "subject", "object_id", "decision_id", "key_id", "mac")
        await self.database.pool.execute(INSERT, *[made[name] for name in values])

    async def seal(self, rows: int, start: int = 0) -> None:
        """Some rows, sealed, with a checkpoint behind them."""
        for number in range(start, start + rows):
            await self.write(number)
        await self.sealer.look()
        self.sealer._last = (self.sealer._last[0], 0.0)
        await self.sealer.look()

    async def inside(self) -> Verified:
        """`minzheng audit verify`."""
        connection = await connect("filing", "app")
        try:
            return await verify(connection, "filing", self.keyring)
        finally:
            await connection.close()

    async def alone(self) -> "subprocess.CompletedProcess[str]":
        """The second verifier, in a Python of its own without this project."""
        connection = await connect("filing", "app")
        try:
            lines = [line async for line in export(connection)]
        finally:
            await connection.close()
        exported = self.folder / "export.jsonl"
        exported.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        key = checkpoint.settings().secret_folder / "audit_key_1"
        told = str(checkpoint.file_of("filing"))
        command = [sys.executable, "-I", verify_alone.__file__, "filing", str(exported), told]
        return await asyncio.to_thread(
            subprocess.run, [*command, str(key)], capture_output=True, text=True, check=False
        )

    async def found(self) -> str:
        """What both verifiers say of a trail that was tampered with."""
        second = await self.alone()
        with pytest.raises(Broken) as broken:
            await self.inside()
        assert second.returncode == 1, f"only the first verifier saw: {broken.value}"
        return f"{broken.value} | {second.stdout.strip()}"


@pytest.fixture
async def trail(workload: Workload, postgres: Settings, tmp_path: Path) -> AsyncIterator[Trail]:
    """Thirty sealed rows with two checkpoints."""
    database = await workload("filing")
    checkpoint.file_of("filing").unlink(missing_ok=True)
    keyring = Keyring.load()
    owner = await connect("filing", "owner")
    made = Trail(database, owner, keyring, tmp_path, Sealer(database, keyring, Seals()))
    await made.seal(20)
    await made.seal(10, 20)
    yield made
    await owner.close()
