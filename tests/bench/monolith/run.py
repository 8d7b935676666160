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
    """A running monolith: the ports and ids of its processes."""

    ports: tuple[int, ...]
    pids: tuple[int, ...]


@asynccontextmanager
async def monolith(stage: Stage, database: str, workers: int) -> AsyncIterator[Monolith]:
    """The monolith on a database of the stage's server.

    Each worker is a process on a port of its own and gets the same share of the connections: with
    `uvicorn --workers` the kernel deals them out unevenly, which would be to its disadvantage.
    """
    dsn = stage.dsn(database).replace("postgresql://", "postgresql+asyncpg://")
    config = stage.config
    told = {
        "MONOLITH_DSN": dsn,
        "MONOLITH_KEY": json.dumps(signing_key(config.secret_folder).as_dict(private=False)),
        "MONOLITH_ISSUER": config.issuer,
        "MONOLITH_AUDIENCE": config.audience,
    }
    ports = tuple(free_ports(workers))
    running = [_start(port, stage.platform.environment | told) for port in ports]
    try:
        for process, port in zip(running, ports, strict=True):
            await _answers(process, port)
        yield Monolith(ports, tuple(process.pid for process in running))
    finally:
        for process in running:
            process.terminate()
            process.wait(20)


def _start(port: int, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    command = [
        sys.executable, "-m", "uvicorn", "tests.bench.monolith.app:app", "--port", str(port),
        "--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools",
    ]  # fmt: skip
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | environment)


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
