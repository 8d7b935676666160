"""squawk over the SQL of migrations: what holds up people at work, or breaks the release before.

python -m tests.house.migrations        # prints findings, exits non-zero

A file that was released never changes, so those are judged that came after `FORMER`.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kit.database import OUTSIDE, folders, numbered
from kit.embedded.workloads import workloads

FORMER = {"kit": 6, "log": 1, "filing": 11, "gateway": 12, "notifications": 4, "supervision": 3}
"""Last file by component that was there before the rule: their tables were small."""
OURS = (
    "require-lock-timeout", "require-statement-timeout", "prefer-bigint-over-int", "prefer-robust-stmts",
)  # fmt: skip
"""Rules left out: the migrator sets the first; the second would break a long backfill half-way; an
`integer` counts what a person can count; a file outside a transaction drops first what it makes."""


def judged() -> dict[str, Path]:
    """Files that are judged, by name; each component once."""
    return {
        f"{component}/{file.name}": file
        for workload in workloads()
        for component, folder in folders(workload)
        for file in numbered(folder)
        if int(file.name[:4]) > FORMER.get(component, 0)
    }


def findings(files: dict[str, Path]) -> Iterator[str]:
    """What squawk says of each file."""
    for name, file in sorted(files.items()):
        text = file.read_text(encoding="utf-8")
        yield from (f"{name}: {line}" for line in told(text.replace(":app", "app")))


def told(text: str) -> list[str]:
    """What squawk says of a text."""
    inside = () if text.startswith(OUTSIDE) else ("--assume-in-transaction",)
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        program = Path(sys.executable).with_name("squawk")
        options = ("--pg-version=15.0", "--reporter=gcc", f"--exclude={','.join(OURS)}")
        done = subprocess.run(
            [program, *options, *inside, stream.name], capture_output=True, text=True
        )
    lines = done.stdout.splitlines()
    if done.returncode and not lines:
        lines = [f"squawk: {done.stderr.strip()}"]
    return [line.rpartition(".sql:")[2] for line in lines if line.strip()]


if __name__ == "__main__":
    found = list(findings(judged()))
    print("\n".join(found) or f"{len(judged())} migrations hold nobody up")
    sys.exit(bool(found))
