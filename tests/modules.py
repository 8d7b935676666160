"""Programs of Go modules that the project pins: built once.

What is built lies outside the tree, under the checksum of what it was built from.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "minzheng"


def place(source: Path, room: str) -> Path:
    """The folder of what a module builds, now or later; `room` is whose it is."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(source.iterdir())))
    return CACHE / room / f"{source.name}-{digest.hexdigest()[:12]}"


def built(source: Path, room: str, packages: Sequence[str], options: Sequence[str]) -> Path:
    """That folder, its packages built now where it is not there; RuntimeError where they cannot be."""
    folder = place(source, room)
    if not folder.exists():
        if shutil.which("go") is None:
            raise RuntimeError(f"no Go: it builds {source.name}")
        print(f"building {source.name} once, from its Go module (minutes) …", flush=True)
        unfinished = folder.with_suffix(".unfinished")
        unfinished.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ("go", "build", "-trimpath", *options, "-o", f"{unfinished}/", *packages), cwd=source,
            env=os.environ | {"CGO_ENABLED": "0"}, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{source.name}: {done.stderr[-3000:]}")
        unfinished.rename(folder)
    return folder
