"""One supervised process: forked from the warmed parent, its output in a file, restarted with back-off."""

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kit.embedded import ready
from kit.embedded.backoff import FIRST, LAST, Backoff
from kit.embedded.unprivileged import die_with_parent
from kit.settings import settings

LOG_LIMIT = 20 * 1024 * 1024
PROBE_SECONDS = 0.3


def patience() -> Backoff:
    """How long restarts wait; deaths on purpose are no reason to wait longer each time."""
    return Backoff(longest=FIRST if settings().crash_points else LAST)


@dataclass
class Child:
    """A process that is kept running."""

    name: str
    work: Callable[[], None]
    log: Path
    pid: int = 0
    started: float = 0.0
    restarts: int = -1
    backoff: Backoff = field(default_factory=patience)
    delay: float = 0.0
    not_before: float = 0.0
    ready_pipe: int = -1
    is_ready: bool = False
    probe: Callable[[], bool] | None = None
    """Asked whether it serves, where the program cannot say so itself."""
    probed: float = 0.0
    patience: float = 60.0
    """Seconds it may take to serve at the first start."""

    def start(self) -> None:
        """Fork; the child does its work and never returns."""
        reading, writing = os.pipe()
        parent = os.getpid()
        self.started, self.is_ready = time.monotonic(), False
        self.restarts += 1
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)
            self._become(parent, writing)
        os.close(writing)
        self._forget_pipe()
        os.set_blocking(reading, False)
        self.ready_pipe = reading

    def _become(self, parent: int, pipe: int) -> None:
        """The child's life."""
        code = 1
        try:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            # Ctrl-C reaches the whole terminal group; the order of stopping is the parent's.
            os.setpgid(0, 0)
            die_with_parent(signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
            os.environ[ready.VARIABLE] = str(pipe)
            self._redirect()
            self.work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _redirect(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        # Line by line, so that a warning is in the file when it is said.
        sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)

    def look_ready(self) -> bool:
        """Whether the child has said that it serves."""
        if self.probe and self.pid and not self.is_ready:
            self._ask(self.probe)
        elif not self.is_ready and self.ready_pipe >= 0:
            with contextlib.suppress(BlockingIOError):
                self.is_ready = os.read(self.ready_pipe, 1) == b"1"
                self._forget_pipe()
        return self.is_ready

    def _ask(self, probe: Callable[[], bool]) -> None:
        now = time.monotonic()
        if now - self.probed >= PROBE_SECONDS:
            self.probed, self.is_ready = now, probe()

    def _forget_pipe(self) -> None:
        if self.ready_pipe >= 0:
            os.close(self.ready_pipe)
            self.ready_pipe = -1

    def died(self) -> None:
        """Note the end; the next start waits longer after each quick end."""
        self.delay = self.backoff.after(time.monotonic() - self.started)
        self.not_before = time.monotonic() + self.delay
        self.pid, self.is_ready = 0, False
        self._forget_pipe()

    def wait(self) -> None:
        """Return when it has ended; for whoever runs a child without a supervisor."""
        if self.pid:
            os.waitpid(self.pid, 0)
            self.died()

    def signal(self, number: int) -> None:
        """Send a signal if it runs."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
