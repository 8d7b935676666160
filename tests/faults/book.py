"""Fault tests by parts: each run by itself, its figures kept, the page of all written anew.

A part that does not hold keeps its former figures, and the command fails. A run can be cut and gone
on with (ONLY=sudden,parts). Raw journals stay in the folder printed at the end.
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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
Kept = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Book:
    """The parts of one command and the page they fill; the figures are kept beside it as JSON."""

    parts: Mapping[str, tuple[str, Mapping[str, str]]]
    """Tests of a part, and its counts: each by an environment variable of that name."""
    page: Path
    lines: Callable[[Kept], Iterator[str]]
    options: tuple[str, ...] = ()
    """Of pytest."""

    def main(self) -> int:
        """Run the parts asked for; 1 where one did not hold."""
        folder = Path(tempfile.mkdtemp(prefix=f"minzheng-{self.page.stem}-"))
        folder.chmod(0o755)
        asked = [name for name in os.environ.get("ONLY", "").split(",") if name]
        failed = [name for name in asked or self.parts if not self.run(name, folder)]
        print(f"journals and figures: {folder}")
        if failed:
            print(f"did not hold: {', '.join(failed)}")
        return int(bool(failed))

    def run(self, name: str, folder: Path) -> bool:
        """One part; keeps its figures and writes the page when everything held and was seen."""
        tests, defaults = self.parts[name]
        counts = {count: os.environ.get(count) or default for count, default in defaults.items()}
        if "SEED" in counts:
            counts["SEED"] = counts["SEED"] or str(random.SystemRandom().randrange(100_000))
        figures = folder / f"{name}.jsonl"
        environment = {f"MINZHENG_FAULT_{count}": value for count, value in counts.items()}
        environment["MINZHENG_FAULT_FIGURES"] = str(figures)
        own = ("-p", "no:cacheprovider", *self.options, f"--basetemp={folder / name}")
        print(
            f"{name}: {' '.join(f'{count}={value}' for count, value in counts.items())}", flush=True
        )
        began = time.monotonic()
        command = [sys.executable, "-m", "pytest", *own, *tests.split()]
        code = subprocess.run(command, cwd=ROOT, env=os.environ | environment).returncode
        noted = list(itertools.chain(*read(figures).values()))
        if code == 0 and noted:
            self.keep(name, counts, (time.monotonic() - began) / 60, noted)
        return code == 0 and bool(noted)

    def keep(
        self, name: str, counts: Mapping[str, str], minutes: float, figures: list[dict[str, Any]]
    ) -> None:
        """A part's figures in the place of its former ones, and the page of all."""
        file = self.page.with_suffix(".json")
        kept: Kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        kept[name] = {
            "on": f"{datetime.now(UTC):%Y-%m-%d}",
            "minutes": round(minutes, 1),
            "load": round(os.getloadavg()[2], 1),
            "machine": f"Python {platform.python_version()}, {os.cpu_count()} cores",
            "counts": dict(counts),
            "figures": figures,
        }
        ordered = {part: kept[part] for part in self.parts if part in kept}
        file.write_text(json.dumps(ordered, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        self.page.write_text("\n".join(self.lines(ordered)) + "\n", encoding="utf-8")


def read(file: Path) -> dict[str, list[dict[str, Any]]]:
    """What the tests noted, by part."""
    found: dict[str, list[dict[str, Any]]] = {}
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else ()
    for line in lines:
        figures = json.loads(line)
        found.setdefault(figures["part"], []).append(figures)
    return found
