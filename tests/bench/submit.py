"""B1, B2, B2b, B7: submissions through the gateway, by the monolith, by PostgreSQL alone."""

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from kit.ids import uuid7
from kit.secrets import Keyring
from tests.bench import drafts
from tests.bench.drafts import ACCOUNTS
from tests.bench.fire import Heard, fire, post
from tests.bench.measure import Figure, Goal, Table
from tests.bench.monolith.run import monolith
from tests.bench.pgbench import numbered, pgbench, statements
from tests.bench.stage import Stage

B1A = Goal("B1a", "submit through the gateway, relay on, 32 in flight, against the monolith with 1 worker", 3.5, 8, True)  # fmt: skip
B1B = Goal("B1b", "the same against the monolith with 2 workers", 2.5, 6, True)
B2 = Goal("B2", "the same against pgbench of the same statements one by one", 0.25, 0.7, True)
B2B = Goal("B2b", "submit one at a time: p50 against the monolith's", 0.9, 0.45, False)
B7A = Goal("B7a", "slower by tracing 1 % of the requests", 3, 1, False, "%")
B7B = Goal("B7b", "slower by tracing every request", 20, 12, False, "%")
BODY = '{"pledgeVersion":"CN-2026-01"}'
WARM = 5
"""One in so many requests is not measured."""


@dataclass
class Desk:
    """Where submissions go, and the database in which their drafts are prepared."""

    stage: Stage
    ports: Sequence[int]
    database: str
    groups: Mapping[str, Sequence[int]]
    serials: "itertools.count[int]" = field(default_factory=itertools.count)

    async def submit(self, count: int, connections: int) -> Heard:
        """Prepare drafts, wait until nothing else is going on, submit them.

        Letters that are not printed by the end stay unprinted: nobody's press works while another
        is measured.
        """
        connection = await self.stage.superuser(self.database)
        first = next(self.serials) * 100_000
        try:
            keyring = Keyring.load(self.stage.config)
            made = await drafts.copy(connection, keyring, list(drafts.cases(count, first)))
            await connection.execute("VACUUM (ANALYZE)")
        finally:
            await connection.close()
        tokens = dict(zip(ACCOUNTS, self.stage.tokens(list(ACCOUNTS)), strict=True))
        requests = [
            post(f"/api/v1/filings/{d.filing_id}:submit", tokens[d.owner], BODY, str(uuid7()))
            for d in made
        ]
        await self.stage.quiet()
        heard = await fire(
            self.ports, requests, warm=count // WARM, connections=connections, groups=self.groups
        )
        await self.stage.stop_printing()
        return heard


def product(stage: Stage) -> Desk:
    """The product's door."""
    return Desk(stage, stage.ports, "filing", stage.groups)


@asynccontextmanager
async def monoliths(stage: Stage) -> AsyncIterator[dict[str, Desk]]:
    """The monolith with one worker and with two, each on tables of its own."""
    server = {"postgres": stage.groups["postgres"]}
    async with AsyncExitStack() as stack:
        found = {}
        for workers in (1, 2):
            name = f"monolith{workers}"
            await stage.twin(name)
            database = stage.config.database(name)
            running = await stack.enter_async_context(monolith(stage, database, workers))
            groups = {"monolith": running.pids, **server}
            found[f"monolith, {workers} worker{'s'[: workers - 1]}"] = Desk(
                stage, running.ports, name, groups
            )
        yield found


async def figures(stage: Stage, table: Table, rounds: int, count: int) -> list[Figure]:
    """B1, B2, B2b."""
    alone = await Alone.prepare(stage, rounds + 1, count)
    async with monoliths(stage) as others:
        desks = {"product": product(stage), **others}
        for name, desk in desks.items():
            await desk.submit(count, 32)
            print(f"  warmed up: {name}", flush=True)
        await alone.run(Table())
        for _ in range(rounds):
            for name, desk in desks.items():
                note(table, f"submit, 32 in flight: {name}", await desk.submit(count, 32))
                if not name.endswith("s"):
                    note(table, f"submit, 1 at a time: {name}", await desk.submit(count // 4, 1))
            await alone.run(table)
    many, one = "submit, 32 in flight: ", "submit, 1 at a time: "
    first = "monolith, 1 worker"
    return [
        Figure(B1A, table.ratios(f"{many}product", f"{many}{first}", "rate")),
        Figure(B1B, table.ratios(f"{many}product", f"{many}monolith, 2 workers", "rate")),
        Figure(B2, table.ratios(f"{many}product", "pgbench, a statement a row", "rate")),
        Figure(B2B, table.ratios(f"{one}product", f"{one}{first}", "p50_ms")),
    ]


def note(table: Table, name: str, heard: Heard) -> None:
    """A volley as a row."""
    table.note(
        name,
        rate=heard.rate,
        p50_ms=heard.p50_ms,
        p99_ms=heard.p99_ms,
        cpu_ms=dict(heard.cpu_ms),
        load_cpu=heard.load_cpu,
    )


@dataclass
class Alone:
    """PostgreSQL without anybody before it."""

    stage: Stage
    scripts: dict[str, list[str]]
    count: int
    at: int = 0

    @classmethod
    async def prepare(cls, stage: Stage, rounds: int, count: int) -> "Alone":
        """Drafts for all rounds, under ids that a script can count."""
        await stage.twin("pgbench")
        keyring = Keyring.load(stage.config)
        connection: Any = await stage.superuser("pgbench")
        cases = [numbered(case, n) for n, case in enumerate(drafts.cases(2 * rounds * count), 1)]
        await drafts.copy(connection, keyring, cases)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.close()
        one, several = (statements(cases[0], keyring, one=flag) for flag in (True, False))
        return cls(
            stage, {"pgbench, a statement a row": several, "pgbench, one statement": one}, count
        )

    async def run(self, table: Table) -> None:
        """One round of each."""
        database = self.stage.config.database("pgbench")
        for name, script in self.scripts.items():
            await self.stage.quiet()
            rate = await pgbench(self.stage, database, script, self.at + 1, self.count)
            self.at += self.count
            table.note(name, rate=rate)


async def tracing(stages: dict[str, Stage], table: Table, rounds: int, count: int) -> list[Figure]:
    """B7: three platforms that differ in nothing else take turns, each round another one first."""
    desks = {name: product(stage) for name, stage in stages.items()}
    order = list(desks)
    for number in range(rounds + 1):
        order.append(order.pop(0))
        for name in order:
            heard = await desks[name].submit(count, 32)
            if number:
                note(table, f"submit, tracing {name}", heard)
    slower = {
        name: tuple(
            100 * (ratio - 1)
            for ratio in table.ratios("submit, tracing off", f"submit, tracing {name}", "rate")
        )
        for name in ("1 %", "100 %")
    }
    return [Figure(B7A, slower["1 %"]), Figure(B7B, slower["100 %"])]
