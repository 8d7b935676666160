"""Prometheus and the OpenTelemetry collector, built once from the Go modules below `binaries/`.

What is built lies outside the tree, under the checksum of what it was built from.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent / "binaries"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "minzheng" / "watching"
PACKAGES = {"collector": ".", "prometheus": "github.com/prometheus/prometheus/cmd/prometheus"}
OPTIONS = ("-trimpath", "-tags", "netgo,remove_all_sd", "-ldflags", "-s -w")
"""Without the ways to find what to scrape: nothing is scraped."""


def place(name: str) -> Path:
    """Where a program is, or will be once it is built."""
    files = sorted((HERE / name).iterdir())
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return CACHE / f"{name}-{digest[:12]}"


def built(name: str) -> Path:
    """The program, built now where it is not there; RuntimeError where it cannot be."""
    program = place(name)
    if not program.exists():
        if shutil.which("go") is None:
            raise RuntimeError("no Go: it builds Prometheus and the collector")
        print(f"building {name} once, from its Go module (minutes) …", flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        unfinished = program.with_suffix(".unfinished")
        done = subprocess.run(
            ("go", "build", *OPTIONS, "-o", unfinished, PACKAGES[name]), cwd=HERE / name,
            env=os.environ | {"CGO_ENABLED": "0"}, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr[-3000:]}")
        unfinished.rename(program)
    return program
