"""A thread of its own for a client that blocks, and the watchdog over it."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

log = logging.getLogger(__name__)
STALL_SECONDS = 60.0
"""A call that lasts longer never ends: every wait inside it is shorter."""
T = TypeVar("T")


def end_process() -> None:
    """A thread that hangs cannot be ended; the process can, and whoever started it starts it anew."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class Lane:
    """Runs calls one after another in its thread."""

    name: str
    stall_seconds: float = STALL_SECONDS
    stalled: Callable[[], None] = end_process
    pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.pool = ThreadPoolExecutor(1, thread_name_prefix=self.name)

    async def run(self, call: Callable[..., T], *arguments: object) -> T:
        """The call's answer; the watchdog counts on when the caller has given up waiting."""
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self.pool, call, *arguments)
        watch = loop.call_later(self.stall_seconds, self._bark)
        work.add_done_callback(lambda _: watch.cancel())
        return await asyncio.shield(work)

    def _bark(self) -> None:
        log.critical("%s stalls for %.0f s: the process ends", self.name, self.stall_seconds)
        self.stalled()

    def close(self) -> None:
        """No more calls; what runs ends by itself."""
        self.pool.shutdown(wait=False)
