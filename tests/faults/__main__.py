"""`make faults`: the fault tests with full counts; writes docs/faults.md from what the run saw.

Counts by environment: KILLS a point, SUDDEN kills a process, KEYS sent five times, SEEDS and FACTS
of the disturbed feeds, ROWS of the audit trail. Raw journals stay in the folder printed at the end.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"
COUNTS = {"KILLS": "20", "SUDDEN": "20", "KEYS": "10000", "SEEDS": "100", "FACTS": "2000",
          "ROWS": "1000000"}  # fmt: skip
TESTS = ("tests/faults", "tests/stories/test_idempotency.py",
         "tests/access/test_behind_the_door.py", "tests/kit/audit")  # fmt: skip
Figures = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Run:
    """How it was run: counts by name, minutes, load of the last quarter of an hour."""

    counts: Mapping[str, str]
    minutes: float
    load: float


def main() -> int:
    """Run, and write the page when everything held."""
    folder = Path(tempfile.mkdtemp(prefix="minzheng-faults-"))
    folder.chmod(0o755)
    counts = {name: os.environ.get(name) or default for name, default in COUNTS.items()}
    environment = {f"MINZHENG_FAULT_{name}": value for name, value in counts.items()}
    environment["MINZHENG_FAULT_FIGURES"] = str(folder / "figures.jsonl")
    command = [sys.executable, "-m", "pytest", *TESTS, f"--basetemp={folder / 'run'}"]
    began = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=os.environ | environment).returncode
    print(f"journals and figures: {folder}")
    if code == 0:
        how = Run(counts, (time.monotonic() - began) / 60, os.getloadavg()[2])
        lines = page(how, read(folder / "figures.jsonl"))
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return code


def read(file: Path) -> Figures:
    """Figures by part."""
    found: Figures = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        figures = json.loads(line)
        found.setdefault(figures.pop("part"), []).append(figures)
    return found


def page(how: Run, figures: Figures) -> Iterator[str]:
    """The page; it is written only when all checks held."""
    yield "# What was broken on purpose"
    yield ""
    yield (
        f"Written by `make faults {' '.join(f'{name}={n}' for name, n in how.counts.items())}`"
        f" on {datetime.now(UTC):%Y-%m-%d} in {how.minutes:.0f} minutes, Python"
        f" {platform.python_version()}, {os.cpu_count()} cores, load {how.load:.1f} with other"
        " work beside it. Every check held: nothing accepted"
        " was lost, no effect came twice, facts and effects kept the order of their organization,"
        " numbers had no gaps, the audit trail verified. Had one failed, this page would not have"
        " been written."
    )
    yield from points(figures["points"][0])
    yield from random_kills(figures["random"])
    yield from rest(figures)


def points(seen: dict[str, Any]) -> Iterator[str]:
    """Kills at named points."""
    yield ""
    yield "## kill -9 at a named point"
    yield (
        f"{seen['workers']} workers filed from draft to number without pause for"
        f" {seen['seconds']} s; {seen['kills']} kills, {seen['accepted']} filings accepted,"
        f" {seen['facts']} facts, {seen['unknown']} unknown outcomes resolved by the same request."
        " A kill counts with a request in flight; idle ones were repeated."
    )
    yield ""
    yield "| point | kills that count | deliveries that came again |"
    yield "|---|---|---|"
    for point, kills in seen["busy"].items():
        yield f"| `{point}` | {kills} | {seen['again'].get(point, 0)} |"
    yield ""
    yield (
        "`after_lock` and `before_commit` exist where a gap-free number is drawn: one explicit"
        " transaction. Every other write is one statement, so there is no moment between lock and"
        " commit in which our process could die; `during_write` and `during_mark` kill it while"
        " the statement, `during_send` while the send, is on its way and its answer still out."
        " Redeliveries are counted from traces; what a killed process had not written is missing."
    )


def random_kills(seen: list[dict[str, Any]]) -> Iterator[str]:
    """Kills at any moment."""
    yield ""
    yield "## kill -9 at any moment, requests in flight"
    yield (
        "Each after requests were answered again and while others were in flight; where the"
        " consumer of facts dies no request fails, and what waits is taken in by its next life."
    )
    yield ""
    yield "| process | kills | accepted | unknown outcomes |"
    yield "|---|---|---|---|"
    for one in seen:
        yield f"| {one['victim']} | {one['kills']} | {one['accepted']} | {one['unknown']} |"


def rest(figures: Figures) -> Iterator[str]:
    """Keys, feeds, controls."""
    keys = figures["keys"][0]
    yield ""
    yield "## The same request five times at once"
    yield (
        f"{keys['keys']} keys, {keys['sends']} requests, {keys['at_once']} at a time:"
        f" {keys['keys']} effects, five equal answers each. Another body: 422; behind one still"
        " at work for over 2 s: 409; keys are kept for 7 days."
    )
    yield ""
    yield "## Facts five times, in any order, some only with a replay"
    for one in figures["feeds"]:
        yield (
            f"- {one['consumer']}: {one['facts']} facts, seeds 0 to {one['seeds'] - 1},"
            f" {one['without_effect']} deliveries without effect; the state's hash equals the"
            " undisturbed one for every seed."
        )
    yield from trail(figures["trail"][0])
    yield ""
    yield "## What the checks catch"
    yield (
        "Sabotaged on purpose in the tests, each noticed by the same checks (the suite fails where"
        " one is not): " + ", ".join(figures["controls"][0]["caught"]) + "."
    )


def trail(seen: dict[str, Any]) -> Iterator[str]:
    """A long audit trail."""
    yield ""
    yield "## A long audit trail"
    yield (
        f"{seen['rows']:,} clean rows: sealed in {seen['sealing']} s; verified from genesis in"
        f" {seen['verifying']} s ({seen['verifying_cpu']} s of processor), no false alarm; exported"
        f" and verified by the second verifier in {seen['second']} s, no false alarm. One row changed"
        " in the middle was named by both. Every kind of tampering of"
        " `tests/kit/audit/test_tampering.py` was found by both."
    )


if __name__ == "__main__":
    sys.exit(main())
