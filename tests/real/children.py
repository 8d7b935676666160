"""Real peers as processes of a test."""

import os
import signal
import time

from kit.embedded.child import Child

START_SECONDS = 120.0


def start(child: Child, *, running: bool = False) -> None:
    """Start a real peer, unless it is `running`, and wait until it serves."""
    if not running:
        child.start()
    end = time.monotonic() + START_SECONDS
    while not child.look_ready():
        if time.monotonic() > end or os.waitpid(child.pid, os.WNOHANG)[0]:
            raise RuntimeError(child.log.read_text()[-3000:])
        time.sleep(0.05)


def stop(child: Child) -> None:
    """End it and wait."""
    child.signal(signal.SIGTERM)
    child.wait()
