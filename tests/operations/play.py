"""`make gameday`: every exercise on a platform of its own; writes docs/operations/gameday.md."""

import asyncio
import os
import platform as machine
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

from kit.calendar import ZONE
from tests.faults.journal import Journal
from tests.faults.load import Load
from tests.faults.test_webhooks import subscribe
from tests.neighbors import Neighbors
from tests.operations.day import Day, Exercise, Skipped
from tests.operations.exercises import ELSEWHERE, EXERCISES, Play
from tests.platform import ROOT, Platform
from tests.sink import Authority, Sink

PAGE = ROOT / "docs" / "operations" / "gameday.md"
RATE = 40


@dataclass
class Played:
    """What held, what this machine does not allow, and what did not hold: each by its runbook."""

    held: list[tuple[str, Exercise]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def main() -> int:
    """Play what `ONLY` names, or all and write the page; 1 where one does not hold or was not played."""
    asked = [name for name in os.environ.get("ONLY", "").split(",") if name]
    with tempfile.TemporaryDirectory(prefix="minzheng-gameday-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        done = asyncio.run(played(folder, asked))
    if not asked:
        PAGE.write_text("\n".join(lines(done)) + "\n", encoding="utf-8")
    return int(bool(done.failed or done.skipped))


async def played(folder: Path, asked: Sequence[str]) -> Played:
    """The exercises, one after another, on a platform with its neighbors."""
    authority = Authority(folder)
    with Neighbors(authority) as neighbors:
        running = neighbors.prepare(
            folder / "var",
            MINZHENG_BACKUP=str(folder / "backup"),
            MINZHENG_DEPARTMENT_CA=str(authority.file),
            MINZHENG_WEBHOOK_PATIENCE="2",
            MINZHENG_OUTWARD_PATIENCE="2",
        )
        running.start(300)
        try:
            with closing(Journal(folder / "journal.jsonl")) as journal:
                return await _on(running, neighbors, journal, asked)
        finally:
            running.stop()


async def _on(
    running: Platform, neighbors: Neighbors, journal: Journal, asked: Sequence[str]
) -> Played:
    done = Played()
    async with (
        httpx.AsyncClient(base_url=running.url, timeout=20) as http,
        Sink(neighbors.authority) as sink,
    ):
        load = Load(running, http, journal, RATE)
        await load.sign_in()
        day = Day(running, http, load, sink, await subscribe(running, http, sink), neighbors)
        await load.live("accept")
        for runbook, exercise in EXERCISES:
            if not asked or runbook in asked:
                await _play(day, runbook, exercise, done)
    return done


async def _play(day: Day, runbook: str, exercise: Play, done: Played) -> None:
    """One of them; whatever becomes of it, the next one follows."""
    began = time.monotonic()
    try:
        await day.load.sign_in()
        done.held.append((runbook, await exercise(day)))
    except Skipped as reason:
        print(f"{runbook} SKIPPED: {reason}", flush=True)
        done.skipped.append((runbook, str(reason)))
    except Exception:
        print(f"{runbook} DOES NOT HOLD: {traceback.format_exc()}", flush=True)
        done.failed.append(runbook)
    else:
        print(f"{runbook}: {time.monotonic() - began:.1f} s", flush=True)
        print("\n".join(_told(done.held[-1][1])), flush=True)


def _told(one: Exercise) -> Iterator[str]:
    yield f"  injected  {one.injected}"
    yield f"  detected  {one.detected} ({one.seen_after:.1f} s)"
    yield f"  repaired  {one.repaired} ({one.mended_after:.1f} s)"


def lines(done: Played) -> Iterator[str]:
    """The page."""
    yield "# Game day\n"
    yield (
        "Written by `make gameday`: what [runbooks](runbooks/README.md) are for is done to a platform"
        " of its own, seen by what it tells, mended by their commands. Seconds count from the fault.\n"
    )
    load = os.getloadavg()[2]
    yield f"{datetime.now(ZONE):%Y-%m-%d}, Python {machine.python_version()}, {os.cpu_count()} cores, load {load:.1f}.\n"
    yield "| runbook | injected | detected by | after | repaired by | after |\n|---|---|---|---|---|---|"
    for runbook, one in done.held:
        page = f"[{runbook}](runbooks/{runbook}.md)"
        yield f"| {page} | {one.injected} | {one.detected} | {one.seen_after:.1f} s | {one.repaired} | {one.mended_after:.1f} s |"
    for runbook, reason in done.skipped:
        yield f"\n**Skipped, so not shown**: {runbook}: {reason}."
    if done.failed:
        yield f"\n**Did not hold this time**: {', '.join(done.failed)}."
    elsewhere = ", ".join(f"{page} (`{command}`)" for page, command in ELSEWHERE.items())
    yield f"\n**Played elsewhere**: {elsewhere}."
    yield (
        "\n**Not exercised here**: a standby that takes over (no run here has one: the only server is"
        " killed), a ledger (there is none yet), what only people do: calling a neighbor, telling"
        " persons whose data leaked, reporting to an authority."
    )


if __name__ == "__main__":
    sys.exit(main())
