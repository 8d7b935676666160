"""`make restore-drill`: the drill with a full load; writes docs/operations/restore.md."""

import asyncio
import os
import platform as machine
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from kit.calendar import ZONE
from tests.operations.drill import Drill, play, prepared
from tests.platform import ROOT

PAGE = ROOT / "docs" / "operations" / "restore.md"
MARK = "<!-- written by make restore-drill -->"


def main() -> int:
    """Play it; 1 where something does not hold, and the page stays as it was."""
    lives = int(os.environ.get("LIVES", "60"))
    with tempfile.TemporaryDirectory(prefix="minzheng-drill-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        running = prepared(folder)
        try:
            drill = asyncio.run(play(running, folder, lives))
        finally:
            if running.process is not None and running.process.poll() is None:
                running.stop()
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(head + "\n".join((MARK, *lines(drill))) + "\n", encoding="utf-8")
    keep = os.environ.get("MINZHENG_BACKUP")
    if keep:
        (Path(keep) / "drill").write_text(datetime.now(UTC).isoformat())
    print("\n".join(lines(drill)))
    return 0


def lines(drill: Drill) -> Iterator[str]:
    """The result as a page tells it."""
    load = os.getloadavg()[2]
    yield f"{datetime.now(ZONE):%Y-%m-%d}, Python {machine.python_version()}, {os.cpu_count()} cores, load {load:.1f}; upper bounds.\n"
    yield "| what | seen |\n|---|---|"
    yield f"| destroyed | database and files, {drill.size / 1e6:.0f} MB |"
    yield f"| chosen second | in the middle of work; {len(drill.before)} cases begun before it: all there; {len(drill.after)} begun after it: none there |"
    yield f"| read in the backup folder without the private key | {drill.lies_open} |"
    yield from (f"| {name} | {said} |" for name, _, said in drill.findings)
    yield "| after it | the former session is refused, people sign in, a new filing is accepted |"
    yield "\n| step | time |\n|---|---|"
    yield f"| `minzheng backup` | {drill.seconds['backup']:.1f} s |"
    yield f"| `minzheng restore`, all of it | {drill.seconds['restore']:.1f} s |"
    yield from (f"| … {said} | at {at} s |" for at, said in drill.progress)


if __name__ == "__main__":
    sys.exit(main())
