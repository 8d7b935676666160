"""`make gameday`: every exercise on a platform of its own; writes docs/operations/gameday.md."""

import asyncio
import os
import platform as machine
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import httpx

from kit.calendar import ZONE
from tests.faults.journal import Journal
from tests.faults.load import Load
from tests.faults.test_webhooks import subscribe
from tests.operations.gameday import EXERCISES, Day, Exercise
from tests.platform import ROOT, Platform
from tests.sink import Authority, Sink

PAGE = ROOT / "docs" / "operations" / "gameday.md"
RATE = 40
Played = tuple[list[Exercise], list[str]]
"""What held, and the names of those that did not."""


def main() -> int:
    """Play what `ONLY` names, or all and write the page; 1 where one does not hold."""
    asked = [name for name in os.environ.get("ONLY", "").split(",") if name]
    with tempfile.TemporaryDirectory(prefix="minzheng-gameday-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        done, failed = asyncio.run(played(folder, asked))
    if not asked:
        PAGE.write_text("\n".join(lines(done, failed)) + "\n", encoding="utf-8")
    return int(bool(failed))


async def played(folder: Path, asked: Sequence[str]) -> Played:
    """The exercises, one after another; and those that were not seen or not mended."""
    authority = Authority(folder)
    running = Platform.prepare(
        folder / "var",
        MINZHENG_BACKUP=str(folder / "backup"),
        MINZHENG_DEPARTMENT_CA=str(authority.file),
        MINZHENG_WEBHOOK_PATIENCE="2",
    )
    running.start(300)
    try:
        with closing(Journal(folder / "journal.jsonl")) as journal:
            return await _on(running, authority, journal, asked)
    finally:
        running.stop()


async def _on(
    running: Platform, authority: Authority, journal: Journal, asked: Sequence[str]
) -> Played:
    done: list[Exercise] = []
    failed: list[str] = []
    async with (
        httpx.AsyncClient(base_url=running.url, timeout=20) as http,
        Sink(authority) as sink,
    ):
        load = Load(running, http, journal, RATE)
        await load.sign_in()
        day = Day(running, http, load, sink, await subscribe(running, http, sink))
        await load.live("accept")
        for exercise in EXERCISES:
            if asked and exercise.__name__ not in asked:
                continue
            await load.sign_in()
            began = time.monotonic()
            try:
                done.append(await exercise(day))
            except (AssertionError, httpx.HTTPError) as error:
                print(f"{exercise.__name__} DOES NOT HOLD: {error}", flush=True)
                failed.append(exercise.__name__)
                continue
            print(f"{exercise.__name__}: {time.monotonic() - began:.1f} s", flush=True)
            print("\n".join(_told(done[-1])), flush=True)
    return done, failed


def _told(one: Exercise) -> Iterator[str]:
    yield f"  injected  {one.injected}"
    yield f"  detected  {one.detected} ({one.seen_after:.1f} s)"
    yield f"  repaired  {one.repaired} ({one.mended_after:.1f} s)"


def lines(done: Sequence[Exercise], failed: Sequence[str]) -> Iterator[str]:
    """The page."""
    yield "# Game day\n"
    yield (
        "Written by `make gameday`: what [runbooks](runbooks/README.md) are for is done to a platform"
        " of its own, seen by what it tells, mended by their commands. Seconds count from the fault.\n"
    )
    load = os.getloadavg()[2]
    yield f"{datetime.now(ZONE):%Y-%m-%d}, Python {machine.python_version()}, {os.cpu_count()} cores, load {load:.1f}.\n"
    yield "| runbook | injected | detected by | after | repaired by | after |\n|---|---|---|---|---|---|"
    for one in done:
        page = f"[{one.runbook}](runbooks/{one.runbook}.md)"
        yield f"| {page} | {one.injected} | {one.detected} | {one.seen_after:.1f} s | {one.repaired} | {one.mended_after:.1f} s |"
    if failed:
        yield f"\n**Did not hold this time**: {', '.join(failed)}."
    yield (
        "\n**Not exercised here**: a standby that takes over, a full disk (`make faults` has killed"
        " servers and lost buses), a ledger (there is none yet), a data leak (people), a rollback"
        " in a cluster."
    )


if __name__ == "__main__":
    sys.exit(main())
