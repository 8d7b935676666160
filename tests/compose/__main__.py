"""`make compose-test`: images, the unchanged docker-compose.yml up, the stories, down, nothing left.

`make compose-restore`: the same containers with backups, destroyed and brought back to a second.
"""

import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.compose import checks, engine, restore
from tests.compose.stack import ROOT, Stack, timed

BASE = os.environ.get("BASE") or engine.OWN


def main(asked: list[str]) -> int:
    """The exit code; a machine without podman or root is a loud skip."""
    reason = engine.why_not(BASE)
    if reason:
        return skipped(reason)
    with tempfile.TemporaryDirectory(prefix="minzheng-compose-") as folder:
        os.environ["CONTAINERS_CONF"] = str(engine.settings(Path(folder)))
        reason = timed("a container on trial", lambda: engine.does_not_run(BASE))
        if reason:
            return skipped(reason)
        back = asked == ["restore"]
        stack = restore.prepared(Path(folder)) if back else Stack(Path(folder))
        timed(
            "images", lambda: subprocess.run(ROOT / "deploy/images/build.sh", check=True, cwd=ROOT)
        )
        timed("secrets", lambda: secrets(stack))
        return played(stack, restore.comes_back if back else everything)


def skipped(reason: str) -> int:
    """Say so, loudly; the exit code."""
    print(f"SKIPPED, NOT GREEN: {reason}")
    return 0


def secrets(stack: Stack) -> None:
    """The secret files, by the command that everybody uses."""
    stack.run(sys.executable, "-m", "kit.cli", "secrets", stack.environment["MINZHENG_SECRETS"])


def everything(stack: Stack) -> None:
    """All that is asked of the running containers."""
    weigh(stack)
    for check in (checks.hardened, checks.closed, checks.own_secrets, checks.signed_off):
        timed(check.__name__, lambda check=check: check(stack))  # type: ignore[misc]
    operator = stack.operator()
    timed("stories", lambda: checks.stories(stack.environment, operator))
    timed("punctual", lambda: checks.punctual(stack))
    timed("database restarted", lambda: checks.outlives(stack))


def played(stack: Stack, trial: Callable[[Stack], None]) -> int:
    """The containers up, on trial, and down; what breaks is shown with their logs."""
    try:
        timed("up and ready", stack.up)
        trial(stack)
        failed = 0
    except Exception:
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


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
