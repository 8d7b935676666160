"""The supervisor of the one-command run: everything from one warmed parent, restarted when it dies."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kit.embedded.child import Child
from kit.embedded.processes import born, end, same
from kit.embedded.sentences import StartError

STOP_SECONDS = 20.0
READY_SECONDS = 60.0
LOOK_SECONDS = 0.05
Say = Callable[[str], None]


class Supervisor:
    """Keeps children running until it is told to stop. Children stop in the order they are given."""

    def __init__(self, var: Path, children: Sequence[Child], say: Say) -> None:
        self.state = var / "run" / "processes.json"
        self.children = children
        self.say = say
        self.stopping = False

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be the one supervisor of `var`; StartError when another one lives.

        Children of a supervisor that was killed are ended first.
        """
        self.state.parent.mkdir(parents=True, exist_ok=True)
        former = self._read()
        if same(former.get("pid", 0), former.get("born", 0.0)):
            raise StartError(
                f"平台已在运行(进程 {former['pid']}),请先停止它,或用 MINZHENG_VAR 另选数据目录。\n"
                f"The platform already runs (process {former['pid']}); stop it first, "
                "or choose another folder with MINZHENG_VAR."
            )
        for row in former.get("processes", ()):
            end(same(row["pid"], row["born"]), signal.SIGTERM, patience=3)
        try:
            yield
        finally:
            self.state.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self.state.read_text())
        except (OSError, ValueError):
            return {}
        return found

    def start(self) -> None:
        """Start every child and wait until all serve. StartError names the log of one that does not."""
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGTERM, self._stop)
        for child in reversed(self.children):
            child.start()
        self._write()
        end_at = time.monotonic() + READY_SECONDS
        while not self.stopping and not all(child.look_ready() for child in self.children):
            self._look()
            if time.monotonic() > end_at:
                late = next(child for child in self.children if not child.is_ready)
                raise StartError(
                    f"{late.name} 未能启动,详见日志 {late.log}\n"
                    f"{late.name} did not start; its log is {late.log}"
                )
            time.sleep(LOOK_SECONDS)

    def keep(self) -> None:
        """Restart what dies, until told to stop."""
        while not self.stopping:
            self._look()
            time.sleep(LOOK_SECONDS)

    def _look(self) -> None:
        changed = False
        for child in self.children:
            changed |= self._reap(child)
            child.look_ready()
            if not child.pid and not self.stopping and time.monotonic() >= child.not_before:
                child.start()
                changed = True
        if changed:
            self._write()

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
        for child in self.children:
            child.signal(signal.SIGTERM)
            end_at = time.monotonic() + STOP_SECONDS
            while child.pid and not os.waitpid(child.pid, os.WNOHANG)[0]:
                if time.monotonic() > end_at:
                    child.signal(signal.SIGKILL)
                time.sleep(LOOK_SECONDS)
            child.pid = 0

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _write(self) -> None:
        rows = [
            {"name": c.name, "pid": c.pid, "born": born(c.pid), "restarts": c.restarts}
            for c in self.children
        ]
        own = os.getpid()
        text = json.dumps({"pid": own, "born": born(own), "processes": rows})
        new = self.state.with_suffix(".new")
        new.write_text(text)
        new.replace(self.state)
