"""How long to wait before something that ended is started again."""

from dataclasses import dataclass

FIRST, LAST, HEALTHY = 0.2, 10.0, 30.0
"""Seconds: first wait, longest wait, life after which the first wait is due again."""


@dataclass
class Backoff:
    """Waits 0.2 s, doubling to 10 s; a life of 30 s forgets earlier ends."""

    following: float = FIRST
    longest: float = LAST

    def after(self, lived: float) -> float:
        """Seconds to wait after a life of that many seconds."""
        now = FIRST if lived >= HEALTHY else self.following
        self.following = min(now * 2, self.longest)
        return now
