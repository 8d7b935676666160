"""A whole platform of its own for a test: `minzheng up` in a temporary folder, on free ports."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from kit.embedded.apart import answers, environment
from kit.settings import Settings

ROOT = Path(__file__).parent.parent
START_SECONDS = 90.0


@dataclass
class Platform:
    """A running platform and how to reach it."""

    var: Path
    environment: dict[str, str] = field(default_factory=dict)
    root: Path = ROOT
    """The project's folder."""
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def prepare(cls, var: Path, **settings: str) -> "Platform":
        """Settings for a platform in `var`."""
        chosen = {"MINZHENG_PROFILE": "test", **environment(var), **settings}
        return cls(var, chosen)

    @property
    def url(self) -> str:
        """Where the door is."""
        return self.environment["MINZHENG_PUBLIC_URL"]

    @property
    def settings(self) -> Settings:
        """The settings of its processes."""
        prefix = "MINZHENG_"
        own = {n.removeprefix(prefix).lower(): v for n, v in self.environment.items() if n.startswith(prefix)}  # fmt: skip
        return Settings(**own)  # type: ignore[arg-type]

    def start(self, seconds: float = START_SECONDS) -> None:
        """Start and wait until the door says it is ready."""
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kit.cli", "up"],
                cwd=self.root,
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + seconds
        while not answers(self.environment):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.var / "up.log").read_text()[-3000:])
            time.sleep(0.1)

    @contextmanager
    def serving(self, seconds: float = START_SECONDS) -> "Iterator[Platform]":
        """Started, and stopped cleanly at the end, as Ctrl-C does."""
        self.start(seconds)
        try:
            yield self
        finally:
            code = self.stop()
        assert code == 0

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `minzheng` command against this platform."""
        return subprocess.run(
            [sys.executable, "-m", "kit.cli", *arguments],
            cwd=self.root,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            timeout=180,
        )

    def status(self) -> Mapping[str, object]:
        """`minzheng status --json`."""
        found: Mapping[str, object] = json.loads(self.run("status", "--json").stdout)
        return found

    async def database(self, workload: str) -> "asyncpg.Connection[asyncpg.Record]":
        """A workload's database as its administrator sees it: no row security."""
        return await asyncpg.connect(
            host="127.0.0.1",
            port=int(self.environment["MINZHENG_POSTGRES_PORT"]),
            user="postgres",
            password=(self.var / "secrets" / "postgres_superuser").read_text().strip(),
            database=f"minzheng_{workload}",
        )

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)
