"""Deterministic crashes for the fault tests: the process kills itself at a named point.

Off unless `MINZHENG_CRASH_POINTS=1`, and refused in production. A test writes
`<workload>.<point>` into `<var>/crash`; the first process that passes there removes the file and
ends as by kill -9: nothing is flushed, nothing is said.
"""

import os
import signal

from kit.settings import settings

POINTS = (
    "before_forward", "after_answer",
    "after_lock", "before_commit", "after_commit",
    "after_read", "after_send", "after_mark",
    "after_poll", "before_effect_commit", "after_effect_commit", "after_offset",
    "before_seal", "before_checkpoint",
)  # fmt: skip
"""Gateway; service; relay; consumer; sealer."""


def refuse_in_production() -> None:
    """RuntimeError when the points are on where people work."""
    if settings().crash_points and settings().profile == "production":
        raise RuntimeError("crash points are for tests")


def point(workload: str, name: str) -> None:
    """Die here if this point is armed."""
    if not settings().crash_points:
        return
    armed = settings().var / "crash"
    try:
        if armed.read_text() != f"{workload}.{name}":
            return
        armed.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
