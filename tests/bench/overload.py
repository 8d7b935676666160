"""B13: five times what the door can take: how much is still answered in time, how soon it is calm again.

Lists are asked for, and the load generator shares the cores: what it takes is missing from both.
`python -m tests.bench.overload` measures it alone: ROUNDS=3.
"""

import asyncio
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import uvloop

from kit.secrets import Keyring
from tests.bench.data import country
from tests.bench.fire import fire, flood, get
from tests.bench.lists import PATH, SMALL, officers
from tests.bench.measure import Figure, Goal, Table, p95
from tests.bench.stage import ONE_PERCENT, Stage

B13A = Goal("B13a", "five-fold overload of lists: answered within 2 s against capacity", 80, 95, True, "%")  # fmt: skip
B13B = Goal("B13b", "calm again after it (five answers in a row as fast as before)", 30, 5, False, "s")  # fmt: skip
OVER = 5
SECONDS = 10
LIMIT = 2.0
"""Seconds after which nobody waits for a list."""
WAITING = 500
"""People at once; more than the door lets in."""
CALM = 3.0
"""As fast as before: within so many times the calm p95."""
IN_A_ROW = 5


async def figures(stage: Stage, table: Table, rounds: int) -> list[Figure]:
    """Capacity, overload and recovery by turns."""
    connection = await stage.superuser("filing")
    await country(connection, Keyring.load(stage.config), SMALL)
    await connection.close()
    clerks = officers("COUNTY_CLERK")
    tokens = [stage.tokens([who], county=county)[0] for who, county in clerks.items()]
    for number in range(rounds + 1):
        shown = await _round(stage, tokens)
        if number:
            table.note("five-fold overload", **shown)
    goodput = tuple(table.of("five-fold overload", "goodput_percent"))
    return [Figure(B13A, goodput), Figure(B13B, tuple(table.of("five-fold overload", "calm_s")))]


async def _round(stage: Stage, tokens: list[str]) -> dict[str, float]:
    def lists(count: int) -> list[str]:
        return [get(PATH, tokens[n % len(tokens)]) for n in range(count)]

    await stage.quiet()
    capacity = (await fire(stage.ports, lists(3_300), warm=300)).rate
    before = p95([await one(stage, tokens[0], PATH) for _ in range(20)])
    pace = OVER * capacity
    told = await flood(
        stage.ports, lists(int(pace * SECONDS)), pace=pace, connections=WAITING, limit=LIMIT
    )
    return {
        "capacity": capacity,
        "good": told["good"],
        "goodput_percent": 100 * told["good"] / capacity,
        "refused": sum(n for status, n in told["statuses"].items() if status[0] != "2"),
        "p99_ms": told["p99_ms"],
        "calm_s": await calm(stage, tokens[0], CALM * before, PATH),
    }


async def one(stage: Stage, token: str, path: str) -> float:
    """Seconds of one reading; a refusal takes for ever."""
    began = time.perf_counter()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        url = f"http://127.0.0.1:{stage.ports[0]}{path}"
        answer = await http.get(url, headers={"authorization": f"Bearer {token}"})
    return time.perf_counter() - began if answer.is_success else float("inf")


async def calm(stage: Stage, token: str, bound: float, path: str) -> float:
    """Seconds until answers are as fast as before."""
    began, row = time.perf_counter(), 0
    first = began
    while row < IN_A_ROW:
        if row == 0:
            first = time.perf_counter()
        row = row + 1 if await one(stage, token, path) <= bound else 0
        await asyncio.sleep(0.05)
    return round(first - began, 3)


async def _alone() -> None:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="minzheng-bench-"))
        stage = stack.enter_context(Stage.open(Path(folder) / "overload", **ONE_PERCENT))
        found = await figures(stage, Table(), int(os.environ.get("ROUNDS", "3")))
    for figure in found:
        print(f"{figure.goal.id} {figure.value:.3g} {figure.goal.unit} {figure.verdict}")


if __name__ == "__main__":
    uvloop.run(_alone())
