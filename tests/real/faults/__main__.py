"""`make faults-real`: faults of the real bus and sign-on with full counts; writes docs/faults-real.md.

Counts by environment: KILLS of each kind, STOPPED seconds for which the bus stands still.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.__main__ import ROOT, Figures, read

PAGE = ROOT / "docs" / "faults-real.md"
COUNTS = {"KILLS": "20", "STOPPED": "60"}
VICTIMS = {"leader": "a leader", "controller": "the controller", "two": "two of three at once"}


def main() -> int:
    """Run, and write the page when everything held and nothing was skipped."""
    folder = Path(tempfile.mkdtemp(prefix="minzheng-faults-real-"))
    folder.chmod(0o755)
    figures = folder / "figures.jsonl"
    counts = {name: os.environ.get(name) or default for name, default in COUNTS.items()}
    environment = {f"MINZHENG_FAULT_{name}": value for name, value in counts.items()}
    environment["MINZHENG_FAULT_FIGURES"] = str(figures)
    quiet = ("-W", "ignore:unclosed <socket:ResourceWarning")
    tests = ("-rs", "-s", "tests/real/faults", f"--basetemp={folder / 'run'}")
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", *quiet, *tests]
    code = subprocess.run(command, cwd=ROOT, env=os.environ | environment).returncode
    print(f"journals and figures: {folder}")
    if code == 0 and figures.exists():
        lines = page(" ".join(f"{n}={v}" for n, v in counts.items()), began, read(figures))
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return code or not figures.exists()


def page(counts: str, began: float, figures: Figures) -> Iterator[str]:
    """The page; it is written only when all checks held."""
    yield "# What was broken on purpose on Kafka and Keycloak"
    yield ""
    yield (
        f"Written by `make faults-real {counts}` on {datetime.now(UTC):%Y-%m-%d} in"
        f" {(time.monotonic() - began) / 60:.0f} minutes, Python {platform.python_version()},"
        f" {os.cpu_count()} cores, load {os.getloadavg()[2]:.1f}. Every check held: nothing"
        " acknowledged was lost, the order of every key was kept, no request was refused because"
        " of the bus."
    )
    yield ""
    yield "## The bus of a whole platform (X6)"
    yield ""
    yield "| fault | times | filings accepted meanwhile | drained after, s (median, longest) |"
    yield "|---|---|---|---|"
    for one in figures["bus"]:
        yield f"| {one['fault']} | {one['kills']} | {one['filed']} | {spread(one['drains'])} |"
    yield ""
    yield "## Three brokers, two in step needed (X8)"
    yield ""
    yield "| killed | times | written | came again | pause of writing, s (median, longest) |"
    yield "|---|---|---|---|---|"
    for one in figures["brokers"]:
        pause = spread(one["pauses"]) if one["pauses"] else "while two were down"
        yield (
            f"| {VICTIMS[one['victim']]} | {one['kills']} | {one['written']} | {one['again']} |"
            f" {pause} |"
        )


def spread(seconds: list[float]) -> str:
    """Median and longest."""
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.1f}, {ordered[-1]:.1f}"


if __name__ == "__main__":
    sys.exit(main())
