"""`make bench`: every figure once, then docs/performance.md and the JSON beside it."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench import submit
from tests.bench.measure import Table
from tests.bench.stage import ONE_PERCENT, Stage


async def main():
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        Stage.open(Path(folder) / "s", **ONE_PERCENT) as stage,
    ):
        t = Table()
        for f in await submit.figures(stage, t, int(sys.argv[1]), int(sys.argv[2])):
            print(f.goal.id, f.value, f.values, f.verdict)


asyncio.run(main())
