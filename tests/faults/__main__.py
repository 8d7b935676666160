"""`make faults`: the fault tests with full counts; keeps what each part saw and writes docs/faults.md.

Parts run one after another, each by itself, so a run can be cut and gone on with (ONLY=sudden,parts).
A part that does not hold keeps its former figures, and the command fails. Raw journals stay in the
folder printed at the end.
"""

import itertools
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults import page

ROOT = Path(__file__).parents[2]
PAGE, KEPT = ROOT / "docs" / "faults.md", ROOT / "docs" / "faults.json"
PARTS: dict[str, tuple[str, dict[str, str]]] = {
    "points": ("tests/faults/test_points.py tests/faults/test_webhooks.py", {"KILLS": "20"}),
    "random": ("tests/faults/test_kill.py", {"SUDDEN": "20"}),
    "sudden": ("tests/faults/test_random.py", {"RANDOM": "200", "MOMENT": "2", "SEED": ""}),
    "parts": (
        "tests/faults/test_parts.py",
        {"CRASHES": "20", "CUTS": "20", "STOPS": "20", "STOPPED": "40", "LOSSES": "5",
         "POISONS": "30", "WINDOW": "2"},
    ),
    "black_hole": ("tests/gateway/subscriptions/test_black_hole.py", {"EVENTS": "100"}),
    "keys": ("tests/stories/test_idempotency.py", {"KEYS": "10000"}),
    "feeds": ("tests/faults/test_feeds.py", {"SEEDS": "100", "FACTS": "1000"}),
    "trail": ("tests/kit/audit", {"ROWS": "1000000"}),
    "controls": (
        "tests/faults/test_controls.py tests/faults/test_verdict.py"
        " tests/access/test_behind_the_door.py",
        {},
    ),
}  # fmt: skip
"""Tests of a part, and its counts: each by an environment variable of that name."""
Kept = dict[str, dict[str, Any]]
Figures = dict[str, list[dict[str, Any]]]


def main() -> int:
    """Run the parts asked for; 1 where one did not hold."""
    folder = Path(tempfile.mkdtemp(prefix="minzheng-faults-"))
    folder.chmod(0o755)
    wanted = [name for name in os.environ.get("ONLY", "").split(",") if name] or list(PARTS)
    failed = [name for name in wanted if not run(name, folder)]
    print(f"journals and figures: {folder}")
    if failed:
        print(f"did not hold: {', '.join(failed)}")
    return int(bool(failed))


def run(name: str, folder: Path) -> bool:
    """One part; keeps its figures and writes the page when everything held."""
    tests, defaults = PARTS[name]
    counts = {count: os.environ.get(count) or default for count, default in defaults.items()}
    if "SEED" in counts:
        counts["SEED"] = counts["SEED"] or str(random.SystemRandom().randrange(100_000))
    figures = folder / f"{name}.jsonl"
    environment = {f"MINZHENG_FAULT_{count}": value for count, value in counts.items()}
    environment["MINZHENG_FAULT_FIGURES"] = str(figures)
    base = f"--basetemp={folder / name}"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests.split(), base]
    print(f"{name}: {' '.join(f'{count}={value}' for count, value in counts.items())}", flush=True)
    began = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=os.environ | environment).returncode
    if code == 0:
        noted = list(itertools.chain(*read(figures).values()))
        keep(name, counts, (time.monotonic() - began) / 60, noted)
    return code == 0


def keep(
    name: str, counts: Mapping[str, str], minutes: float, figures: list[dict[str, Any]]
) -> None:
    """A part's figures in the place of its former ones, and the page of all."""
    kept: Kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    kept[name] = {
        "on": f"{datetime.now(UTC):%Y-%m-%d}",
        "minutes": round(minutes, 1),
        "load": round(os.getloadavg()[2], 1),
        "machine": f"Python {platform.python_version()}, {os.cpu_count()} cores",
        "counts": dict(counts),
        "figures": figures,
    }
    ordered = {part: kept[part] for part in PARTS if part in kept}
    KEPT.write_text(json.dumps(ordered, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text("\n".join(page.lines(ordered)) + "\n", encoding="utf-8")


def read(file: Path) -> Figures:
    """What the tests noted, by part."""
    found: Figures = {}
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else ()
    for line in lines:
        figures = json.loads(line)
        found.setdefault(figures["part"], []).append(figures)
    return found


if __name__ == "__main__":
    sys.exit(main())
