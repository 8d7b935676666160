"""B10: how long everything takes to start when it was there before, and what it weighs."""

import asyncio
import time
from pathlib import Path
from typing import Any

from tests.bench.measure import Figure, Goal, Table
from tests.bench.stage import ONE_PERCENT
from tests.platform import Platform

B10A = Goal("B10a", "warm start of everything until door and sign-on answer", 15, 5, False, "s")
B10B = Goal("B10b", "PSS of everything", 1000, 500, False, "MB")
SETTLE = 3.0


async def figures(folder: Path, table: Table, rounds: int) -> list[Figure]:
    """Make a platform, then start it again and again."""
    folder.mkdir(mode=0o755)
    platform = Platform.prepare(folder / "var", **ONE_PERCENT)
    for number in range(rounds + 1):
        began = time.monotonic()
        await asyncio.to_thread(platform.start)
        seconds = time.monotonic() - began
        await asyncio.sleep(SETTLE)
        weight: Any = (await asyncio.to_thread(platform.status))["pss_mb"]
        await asyncio.to_thread(platform.stop)
        kind = "start, warm" if number else "start, cold (databases are made)"
        table.note(kind, seconds=seconds, pss_mb=weight)
    warm = "start, warm"
    return [
        Figure(B10A, tuple(table.of(warm, "seconds"))),
        Figure(B10B, tuple(table.of(warm, "pss_mb"))),
    ]
