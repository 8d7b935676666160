"""docs/performance.md, the JSON beside it and the page of capacity, written by the run that measured."""

import json
import platform
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import psutil  # type: ignore[import-untyped]

from kit.embedded.postgres import wheel_bindir
from tests.bench import capacity
from tests.bench.measure import Figure, Goal, Table
from tests.platform import ROOT

PAGE = ROOT / "docs" / "performance.md"
FINDINGS = Path(__file__).parent / "findings.md"
LIBRARIES = ("asyncpg", "grpcio", "protobuf-py", "protovalidate", "fastapi", "sqlmodel", "sqlalchemy", "uvicorn", "uvloop")  # fmt: skip
HEAD = """# Performance

Written by `{command}` on {day}{again}; nothing here is typed by hand but the last section.

**{summary}**

A figure is a ratio taken round by round (rounds interleaved, so that what slows one slows the
other) and the median of {rounds} rounds; least and greatest in brackets. *First* and *then* are
the goals. A figure that misses its first goal says so; no test fails by it.

| | goal | first | then | measured | |
|---|---|---|---|---|---|
"""
HOW = """
## How it is measured
- One machine for everything: {cores} cores ({cpu}), {memory} GB, {system}; load one minute before the end: {load}. Python {python}, {postgres}; {libraries}.
- A platform of its own (`minzheng up` on free ports): PostgreSQL with `fsync` and `synchronous_commit` on, every process running, relay, sealer and all consumers at work while submissions are measured; 1 % of the requests traced. Before each round all facts are drained and a checkpoint is made. Submissions ask for three letters each, and the press prints while they are measured, on what the cores leave; what it has not printed by the end of a round is put off, so that it prints in nobody else's.
- The load generator is a process of its own on bare sockets ({load_cpu:.0%} of a core at most); warm-up requests are not counted; a single answer that is no success ends the run.
- Drafts are complete, spread over 150 communities and 200 residents, and prepared before the round. {rows} cases for the lists.
- **The monolith** (`tests/bench/monolith`) is what a good team would write with FastAPI and async SQLModel: same rules (the product's own), same tables and indexes, same rows, committed before the answer. To its advantage it has no relay, no consumers, no audit sealer, no tracing, no row-level security, prints no letter, keeps the rule book in memory, and its lists leave the wide columns in the database. It verifies its bearer token at every request. Two workers are two processes with 16 connections each.
- **pgbench** runs the product's own write, taken from `kit.unit`: as one statement, and as one statement a row in one transaction. It reads, judges and encrypts nothing.
- Server time of queries is `EXPLAIN (ANALYZE, TIMING OFF)` of the product's own statements under row security, 120 parameters a query after a warm-up with 960 others, five times, of whose p95 the median counts; the small database is a smaller part of the province, with as many cases in each community and street, and the cases asked for in the full one lie in streets with as many open cases.
- Say plainly what the comparison is: a monolith with the product's one statement and its batches would be faster still. Services cost a hop.

## Figures of the rounds
| | median | from | to |
|---|---|---|---|
"""


def write(figures: Sequence[Figure], table: Table, *, command: str, rounds: int, rows: int) -> None:
    """Write the page and the JSON of a whole run."""
    how = _machine() | {
        "rows": f"{rows:,}",
        "load_cpu": max(r["load_cpu"] for rs in table.rows.values() for r in rs if "load_cpu" in r),
    }
    _keep(
        {
            "command": command,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "again": {},
            "each": rounds,
            "machine": how,
            "figures": [figure.record() for figure in figures],
            "rounds": table.rows,
        }
    )


def again(figures: Sequence[Figure], table: Table, *, command: str) -> None:
    """Put these figures and rounds in the place of those that the last whole run had; the page names them."""
    told: dict[str, Any] = json.loads(PAGE.with_suffix(".json").read_text("utf-8"))
    new = {figure.goal.id: figure.record() for figure in figures}
    told["figures"] = [new.get(one["id"], one) for one in told["figures"]]
    told["rounds"] |= table.rows
    told["again"] |= dict.fromkeys(new, f"`{command}` on {datetime.now(UTC):%Y-%m-%d}")
    _keep(told)


def _keep(told: Mapping[str, Any]) -> None:
    figures = [_figure(one) for one in told["figures"]]
    text = HEAD.format(
        command=told["command"],
        day=told["at"][:10],
        again="".join(_again(told["again"])),
        rounds=told["each"],
        summary=summary(figures),
    )
    text += "".join(map(_line, figures)) + HOW.format(**told["machine"])
    text += "".join(_row(name, rounds) for name, rounds in told["rounds"].items())
    PAGE.write_text(text + "\n" + FINDINGS.read_text("utf-8"), "utf-8")
    PAGE.with_suffix(".json").write_text(_json(told), "utf-8")
    capacity.write()


def _again(told: Mapping[str, str]) -> Iterator[str]:
    """Which figures are of which later run."""
    for said in dict.fromkeys(told.values()):
        yield f"; {', '.join(goal for goal, by in told.items() if by == said)} by {said}"


def _figure(told: Mapping[str, Any]) -> Figure:
    goal = Goal(**{one.name: told[one.name] for one in fields(Goal)})
    return Figure(goal, tuple(told["values"]), told["note"])


def _json(told: Mapping[str, Any]) -> str:
    """One line a figure and a volley, four digits a number."""
    lines = []
    for name, value in told.items():
        text = json.dumps(_rounded(value), ensure_ascii=False)
        lines.append(f'"{name}": ' + text.replace("}, ", "},\n  ").replace("], ", "],\n  "))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list | tuple) else value


def summary(figures: Sequence[Figure]) -> str:
    """How many goals were reached, and loudly which were not."""
    missed = [figure.goal.id for figure in figures if figure.verdict == "MISSED"]
    told = f"{len(figures) - len(missed)} of {len(figures)} first goals reached."
    return told + (f" MISSED: {', '.join(missed)}." if missed else "")


def _line(figure: Figure) -> str:
    goal, values = figure.goal, figure.values
    sign = "≥" if goal.more else "≤"
    unit = "×" if goal.unit == "x" else f" {goal.unit}"
    bounds = [f"{sign} {bound:g}{unit}" for bound in (goal.first, goal.then)]
    spread = f" ({min(values):.3g}–{max(values):.3g})" if len(values) > 1 else ""
    note = f" · {figure.note}" if figure.note else ""
    verdict = f"**{figure.verdict}**" if figure.verdict == "MISSED" else figure.verdict
    measured = f"{figure.value:.3g}{unit}{spread}{note}"
    return f"| {goal.id} | {goal.title} | {bounds[0]} | {bounds[1]} | {measured} | {verdict} |\n"


def _row(name: str, rounds: Sequence[Mapping[str, Any]]) -> str:
    lines = []
    for key, first in rounds[0].items():
        if isinstance(first, dict):
            told = {part: median(r[key].get(part, 0.0) for r in rounds) for part in first}
            spent = ", ".join(f"{part} {ms:.2f}" for part, ms in told.items() if ms >= 0.01)
            lines += [f"| {name}: CPU ms a request | {spent} | | |\n"] if spent else []
        elif key != "load_cpu":
            values = [row[key] for row in rounds]
            ends = [f"{value:.4g}" for value in (min(values), max(values))]
            cells = [f"{median(values):.4g}", *(ends if len(values) > 1 else ("", ""))]
            lines.append(f"| {name}: {LABELS.get(key, key)} | {' | '.join(cells)} |\n")
    return "".join(lines)


LABELS = {
    "rate": "a second", "p50_ms": "p50 ms", "p95_ms": "p95 ms", "p99_ms": "p99 ms", "full_ms": "p95 ms, full",
    "small_ms": "p95 ms, 10,000 rows", "pss_mb": "PSS MB",
}  # fmt: skip


def _machine() -> dict[str, Any]:
    programs = wheel_bindir()
    postgres = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True)
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")
    return {
        "cores": psutil.cpu_count(),
        "cpu": model,
        "memory": round(psutil.virtual_memory().total / 2**30),
        "system": f"Linux {platform.release().split('-')[0]}",
        "load": f"{psutil.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        "postgres": postgres.stdout.strip().replace("postgres (PostgreSQL)", "PostgreSQL"),
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    }
