"""The supervisor of the one-command run: everything from one warmed parent, restarted when it dies."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kit.embedded.alone import alone
from kit.embedded.child import Child, patience
from kit.embedded.follow import Follower
from kit.embedded.postgres import Postgres
from kit.embedded.processes import born, end, same
from kit.embedded.sentences import StartError
from kit.settings import settings

STOP_SECONDS = 20.0
LOOK_SECONDS = 0.05
FIRST_TRIES = 5
"""Ends of a process before it ever served, after which the start is given up."""
Say = Callable[[str], None]


class Supervisor:
    """Keeps children and their database running until told to stop.

    Children stop in the order of `children`; the database is started and stopped by the caller.
    """

    def __init__(self, var: Path, say: Say, database: Postgres | None = None) -> None:
        self.var = var
        self.state = var / "run" / "processes.json"
        self.children: list[Child] = []
        self.followers: list[Follower] = []
        self.database = database
        self.backoff = patience()
        self.database_started = time.monotonic()
        self.database_restarts = 0
        self.database_not_before = 0.0
        self.say = say
        self.stopping = False

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be the one supervisor of `var`; StartError when another one lives.

        Children of a supervisor that was killed are ended first.
        """
        with alone(self.var):
            self._take_signals()
            self.state.parent.mkdir(parents=True, exist_ok=True)
            for row in self._read().get("processes", ()):
                end(same(row["pid"], row["born"]), signal.SIGTERM, patience=3)
            try:
                yield
            finally:
                self.state.unlink(missing_ok=True)

    def _take_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def _read(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self.state.read_text())
        except (OSError, ValueError):
            return {}
        return found

    def start(self, children: Sequence[Child]) -> None:
        """Start these and wait until all serve. StartError names the log of one that does not."""
        self.launch(children)
        self.wait()

    def launch(self, children: Sequence[Child]) -> None:
        """Start these, the last one first; they will stop before those that run already."""
        self.children = [*children, *self.children]
        self.followers += [Follower(child.name, child.log) for child in children]
        for child in reversed(children):
            child.start()
        self._write()

    def wait(self, *names: str) -> None:
        """Return when all, or those, serve. StartError names the log of one that does not."""
        began = time.monotonic()
        chosen = [child for child in self.children if not names or child.name in names]
        while not self.stopping and not all(child.look_ready() for child in chosen):
            self._look()
            self._give_up(time.monotonic() - began)
            time.sleep(LOOK_SECONDS)

    def _give_up(self, waited: float) -> None:
        for child in self.children:
            late = waited > child.patience
            if not child.is_ready and (late or child.restarts >= FIRST_TRIES):
                raise StartError(
                    f"{child.name} 未能启动，详见日志 {child.log}\n"
                    f"{child.name} did not start; its log is {child.log}"
                )

    def keep(self) -> None:
        """Restart what dies, until told to stop."""
        while not self.stopping:
            self._look()
            time.sleep(LOOK_SECONDS)

    def _look(self) -> None:
        changed = self._keep_database()
        for child in self.children:
            changed |= self._reap(child)
            child.look_ready()
            if not child.pid and not self.stopping and time.monotonic() >= child.not_before:
                child.start()
                changed = True
        self._show()
        if changed:
            self._write()

    def _show(self) -> None:
        for line in (line for follower in self.followers for line in follower.lines()):
            self.say(line)

    def _keep_database(self) -> bool:
        if self.database is None or self.database.running or self.stopping:
            return False
        if not self.database_not_before:
            delay = self.backoff.after(time.monotonic() - self.database_started)
            self.database_not_before = time.monotonic() + delay
            self.say(f"PostgreSQL ended; again in {delay:.1f} s, log {self.database.log}")
        if time.monotonic() < self.database_not_before:
            return False
        self._restart(self.database)
        return True

    def _restart(self, database: Postgres) -> None:
        self.database_not_before, self.database_started = 0.0, time.monotonic()
        self.database_restarts += 1
        try:
            database.start()
        except (StartError, OSError) as error:
            self.say(str(error))

    def _reap(self, child: Child) -> bool:
        if not child.pid:
            return False
        pid, status = os.waitpid(child.pid, os.WNOHANG)
        if not pid:
            return False
        child.died()
        reason = os.waitstatus_to_exitcode(status)
        self.say(f"{child.name} ended ({reason}); again in {child.delay:.1f} s, log {child.log}")
        return True

    def stop(self) -> None:
        """End the children one after another; what does not end in 20 s is killed."""
        self.stopping = True
        for child in self.children:
            child.signal(signal.SIGTERM)
            end_at = time.monotonic() + STOP_SECONDS
            while child.pid and not os.waitpid(child.pid, os.WNOHANG)[0]:
                if time.monotonic() > end_at:
                    child.signal(signal.SIGKILL)
                time.sleep(LOOK_SECONDS)
            child.pid = 0
        self._show()

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _write(self) -> None:
        rows = [
            {"name": c.name, "pid": c.pid, "born": born(c.pid), "restarts": c.restarts}
            for c in self.children
        ]
        own = os.getpid()
        parts = {"events": settings().events, "sign_on": settings().sign_on}
        state = {"pid": own, "born": born(own), "processes": rows, "parts": parts}
        new = self.state.with_suffix(".new")
        new.write_text(json.dumps(state | {"database_restarts": self.database_restarts}))
        new.replace(self.state)
