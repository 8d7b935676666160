"""Deterministic crashes for the fault tests: the process kills itself at a named point.

Off unless `MINZHENG_CRASH_POINTS=1`, and refused in production. A test writes
`<workload>.<point>` into `<var>/crash`; the first process that passes there removes the file and
ends as by kill -9: nothing is flushed, nothing is said.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable
from typing import TypeVar

from kit.settings import settings

POINTS = (
    "before_forward", "after_answer",
    "after_lock", "before_commit", "during_write", "after_commit",
    "after_read", "during_send", "before_mark", "during_mark",
    "after_poll", "before_effect_commit", "after_effect_commit", "after_offset",
    "before_seal", "before_checkpoint",
    "before_post", "after_post", "during_arrival",
    "before_handover", "after_handover", "after_report",
)  # fmt: skip
"""Gateway; service; relay; consumer; sealer; webhook; SMS and mail."""
ON_ITS_WAY = 0.001
"""Seconds after which a statement has left the process and its answer may still be out."""
Result = TypeVar("Result")


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


async def during(workload: str, name: str, work: Awaitable[Result]) -> Result:
    """The result of `work`; die between its sending and its answer if this point is armed."""
    if not settings().crash_points:
        return await work
    running = asyncio.ensure_future(work)
    await asyncio.sleep(ON_ITS_WAY)
    point(workload, name)
    return await running
