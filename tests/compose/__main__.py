"""`make compose-test`: images, the unchanged docker-compose.yml up, the stories, down, nothing left."""

import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.compose import checks, engine
from tests.compose.stack import ROOT, Stack

T = TypeVar("T")
BASE = os.environ.get("BASE") or engine.OWN


def main() -> int:
    """The exit code; a machine without podman or root is a loud skip."""
    reason = engine.why_not(BASE)
    if reason:
        return skipped(reason)
    with tempfile.TemporaryDirectory(prefix="minzheng-compose-") as folder:
        os.environ["CONTAINERS_CONF"] = str(engine.settings(Path(folder)))
        reason = timed("a container on trial", lambda: engine.does_not_run(BASE))
        if reason:
            return skipped(reason)
        stack = Stack(Path(folder))
        timed(
            "images", lambda: subprocess.run(ROOT / "deploy/images/build.sh", check=True, cwd=ROOT)
        )
        timed("secrets", lambda: secrets(stack))
        return played(stack)


def skipped(reason: str) -> int:
    """Say so, loudly; the exit code."""
    print(f"SKIPPED, NOT GREEN: {reason}")
    return 0


def secrets(stack: Stack) -> None:
    """The secret files, by the command that everybody uses."""
    stack.run(sys.executable, "-m", "kit.cli", "secrets", stack.environment["MINZHENG_SECRETS"])


def played(stack: Stack) -> int:
    """Everything asked of the running containers; what breaks is shown with their logs."""
    try:
        timed("up and ready", stack.up)
        weigh(stack)
        for check in (checks.hardened, checks.closed, checks.own_secrets, checks.signed_off):
            timed(check.__name__, lambda check=check: check(stack))  # type: ignore[misc]
        operator = stack.operator()
        timed("stories", lambda: checks.stories(stack.environment, operator))
        timed("punctual", lambda: checks.punctual(stack))
        timed("database restarted", lambda: checks.outlives(stack))
        failed = 0
    except (AssertionError, RuntimeError):
        traceback.print_exc()
        print(stack.logs())
        failed = 1
    left = timed("down", stack.down)
    if left:
        print(f"left behind: {left}")
    print("compose: as expected" if not (failed or left) else "compose: NOT as expected")
    return failed or int(bool(left))


def weigh(stack: Stack) -> None:
    """Memory of the whole set."""
    found = stack.megabytes()
    parts = ", ".join(f"{name} {size:.0f}" for name, size in sorted(found.items()))
    print(f"memory {sum(found.values()):.0f} MB: {parts}", flush=True)


def timed(what: str, work: Callable[[], T]) -> T:
    """The work's answer; says how long it took."""
    began = time.monotonic()
    found = work()
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
