"""`make bench`: every figure once, then docs/performance.md and the JSON beside it.

`SCALE=country` fills 1,750,000 cases; `ONLY=submit,lists` runs some parts and writes nothing;
`AGAIN=pages` measures a part of the page again, and the page says so.
"""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

from tests.bench import (
    arrivals,
    consume,
    deliver,
    drain,
    follow,
    lists,
    overload,
    page,
    search,
    seen,
    starting,
    submit,
)
from tests.bench.measure import Figure, Table
from tests.bench.stage import ALL, OFF, ONE_PERCENT, Stage
from tests.sink import Authority

ROWS = {"small": 100_000, "country": 1_750_000}
ROUNDS = 5
SUBMISSIONS = 640
"""A volley; half of pgbench's clients times forty, so that every client has as many."""
LISTS = 1_500
FACTS = 8_000
PARTS = (
    "submit",
    "tracing",
    "lists",
    "search",
    "consume",
    "relay",
    "deliver",
    "pages",
    "start",
    "overload",
    "arrivals",
)


async def run(
    folder: Path, scale: str, parts: list[str], rounds: int
) -> tuple[list[Figure], Table]:
    """Measure the parts asked for; each has platforms of its own, so that none leaves work behind."""
    table, found = Table(), []
    for part in parts:
        print(f"{part}:", flush=True)
        found += await _part(part, folder / part, ROWS[scale], table, rounds)
    return found, table


async def _part(part: str, folder: Path, rows: int, table: Table, rounds: int) -> list[Figure]:
    if part == "start":
        return await starting.figures(folder, table, min(rounds, 3))
    if part == "relay":
        drained = await drain.measured(table, rounds, drain.FACTS)
        return [drained, *await follow.figures(table, min(rounds, 3))]
    if part == "tracing":
        kinds = {"off": OFF, "1 %": ONE_PERCENT, "100 %": ALL}
        with ExitStack() as stack:
            stages = {
                name: stack.enter_context(Stage.open(folder / name[:3].strip(), **kind))
                for name, kind in kinds.items()
            }
            return await submit.tracing(stages, table, rounds, SUBMISSIONS)
    if part == "deliver":
        folder.mkdir(parents=True)
        authority = Authority(folder)
        trusted = {"MINZHENG_DEPARTMENT_CA": str(authority.file)}
        with Stage.open(folder, **ONE_PERCENT, **trusted) as stage:
            return await deliver.figures(stage, authority, table, rounds)
    with Stage.open(folder, **ONE_PERCENT) as stage:
        alone: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
            "submit": lambda: submit.figures(stage, table, rounds, SUBMISSIONS),
            "lists": lambda: lists.figures(stage, table, rows, rounds, LISTS),
            "pages": lambda: seen.figures(stage, table, rounds),
            "overload": lambda: overload.figures(stage, table, min(rounds, 3)),
            "arrivals": lambda: arrivals.figures(stage, table, rows),
            "search": lambda: search.figures(stage, table, rows, rounds),
            "consume": lambda: consume.figures(stage, table, rounds, FACTS),
        }
        return await alone[part]()


def main() -> None:
    """Run and write; missed goals are for the page to tell, not for the exit code."""
    scale = os.environ.get("SCALE") or "small"
    only, again = (
        [n for n in os.environ.get(told, "").split(",") if n] for told in ("ONLY", "AGAIN")
    )
    rounds = int(os.environ.get("ROUNDS") or ROUNDS)
    with tempfile.TemporaryDirectory(prefix="minzheng-bench-") as folder:
        figures, table = asyncio.run(run(Path(folder), scale, again or only or list(PARTS), rounds))
    command = "make bench" + ("" if scale == "small" else f" SCALE={scale}")
    if again:
        page.again(figures, table, command=f"{command} AGAIN={','.join(again)} ROUNDS={rounds}")
    elif not only:
        page.write(figures, table, command=command, rounds=rounds, rows=ROWS[scale])
    for figure in figures:
        print(f"{figure.goal.id:5} {figure.value:8.3g} {figure.goal.unit:3} {figure.verdict}")
    print(page.summary(figures))


if __name__ == "__main__":
    main()
