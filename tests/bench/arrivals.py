"""B11: people who come in waves, each with four things to do: begin, submit, decide, search.

Drafts and proposals are prepared, as everywhere in these benches: a person's four requests are the four
that cost, and each is paid whole. `python -m tests.bench.arrivals` measures it alone: ROWS, STEP (s).
"""

import asyncio
import itertools
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import uvloop

from kit.ids import uuid7
from kit.secrets import Keyring
from tests.bench import drafts
from tests.bench.data import country
from tests.bench.deliver import lead_token, proposed
from tests.bench.drafts import ACCOUNTS
from tests.bench.fire import flood, get, post
from tests.bench.measure import Figure, Goal, Table, p95
from tests.bench.overload import CALM, calm, one
from tests.bench.search import SAMPLE, asked, register
from tests.bench.stage import ONE_PERCENT, Stage
from tests.bench.submit import BODY

B11A = Goal("B11a", "arrivals 1→15→1→25→2→35→10 a second of begin, submit, decide, search: not answered well within 5 s", 1, 0, False, "%")  # fmt: skip
B11B = Goal("B11b", "as fast as before after a wave (five searches in a row)", 60, 10, False, "s")
WAVES = (1, 15, 1, 25, 2, 35, 10)
"""People a second."""
STEP = 30
"""Seconds of each."""
LIMIT = 5.0
"""Seconds after which the door itself gives up."""
WAITING = 500
APART = 10_000_000
"""Numbers of proposals, away from those of the country."""
STREET = "460106004002"


async def figures(stage: Stage, table: Table, rows: int, step: int = STEP) -> list[Figure]:
    """Fill, prepare, let them come."""
    print(f"  filling {rows:,} cases and organizations", flush=True)
    words = await _fill(stage, rows)
    people = await _people(stage, words, sum(WAVES) * step)
    await stage.quiet()
    probe = Probe(stage, stage.tokens(["bench-resident"])[0], _search(words[0]))
    await probe.look()
    for last, rate in zip((0, *WAVES), WAVES, strict=False):
        wave = [request for one in itertools.islice(people, rate * step) for request in one]
        came = flood(stage.ports, wave, pace=4 * rate, connections=WAITING, limit=LIMIT)
        told, wait = await asyncio.gather(came, probe.wait(after=last, now=rate))
        shown = {name: told[name] for name in ("count", "p50_ms", "p95_ms", "p99_ms")}
        failed = told["count"] - round(told["good"] * told["seconds"])
        table.note(f"arrivals, {rate} a second after {last}", **shown, failed=failed, calm_s=wait)
    waves = [row for name, rows_ in table.rows.items() if name.startswith("arrivals") for row in rows_]  # fmt: skip
    failed, sent = (sum(row[name] for row in waves) for name in ("failed", "count"))
    return [
        Figure(B11A, (100 * failed / sent,), f"{sent} requests, {rows:,} cases"),
        Figure(B11B, (max(row["calm_s"] for row in waves),)),
    ]


@dataclass
class Probe:
    """Somebody who searches, alone and beside the others."""

    stage: Stage
    token: str
    path: str
    bound: float = 0.0

    async def look(self) -> None:
        """How fast it is while nobody else is there."""
        found = [await one(self.stage, self.token, self.path) for _ in range(20)]
        self.bound = CALM * p95(found)

    async def wait(self, *, after: int, now: int) -> float:
        """Seconds until it is as fast again after a wave; 0 where none was."""
        return await calm(self.stage, self.token, self.bound, self.path) if now < after else 0.0


def _search(word: str) -> str:
    return f"/api/v1/organizations?search={quote(word)}"


async def _fill(stage: Stage, rows: int) -> Sequence[str]:
    filing, supervision = await stage.superuser("filing"), await stage.superuser("supervision")
    try:
        await country(filing, Keyring.load(stage.config), rows)
        await register(supervision, rows)
        names = [row[0] for row in await supervision.fetch(SAMPLE)]
    finally:
        await filing.close()
        await supervision.close()
    found = asked(names)
    return [word for pair in zip(found["rare"], found["frequent"], strict=False) for word in pair]


async def _people(stage: Stage, words: Sequence[str], count: int) -> Iterator[tuple[str, ...]]:
    """The four requests of each."""
    connection = await stage.superuser("filing")
    try:
        keyring = Keyring.load(stage.config)
        made = await drafts.copy(connection, keyring, list(drafts.cases(count)))
    finally:
        await connection.close()
    waiting = await proposed(stage, APART, count)
    lead, tokens = lead_token(stage), dict(zip(ACCOUNTS, stage.tokens(list(ACCOUNTS)), strict=True))

    def each() -> Iterator[tuple[str, ...]]:
        for n, (draft, case) in enumerate(zip(made, waiting, strict=True)):
            token = tokens[draft.owner]
            begun = json.dumps({"filingId": str(uuid7()), "communityCode": STREET})
            yield (
                post("/api/v1/filings", token, begun, str(uuid7())),
                post(f"/api/v1/filings/{draft.filing_id}:submit", token, BODY, str(uuid7())),
                post(f"/api/v1/filings/{case}:decide", lead, '{"agree":true}', str(uuid7())),
                get(_search(words[n % len(words)]), token),
            )

    return each()


async def _alone() -> None:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="minzheng-bench-"))
        stage = stack.enter_context(Stage.open(Path(folder) / "arrivals", **ONE_PERCENT))
        began = time.monotonic()
        rows, step = (int(os.environ.get(*told)) for told in (("ROWS", "100000"), ("STEP", "30")))
        found = await figures(stage, Table(), rows, step)
    for figure in found:
        print(f"{figure.goal.id} {figure.value:.3g} {figure.goal.unit} {figure.verdict}")
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    uvloop.run(_alone())
