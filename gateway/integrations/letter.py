"""What every way outward shares: the letter, what became of handing it over, the port."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol

REASON = re.compile(r"[A-Z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A dispatch as it is handed over; never kept, logged or shown."""

    dispatch_id: str
    """Key of the handing over: the same in every attempt."""
    address: str
    subject: str
    body: str
    messages: int = 1
    """How many messages it gathers."""


class Kind(Enum):
    """Classes of what may come of an attempt."""

    ACCEPTED = "the far end has it"
    KEPT = "nothing is sent, it can be looked at"
    PERMANENT = "this letter will never arrive"
    TRANSIENT = "it may arrive later"
    THROTTLED = "it is asked to come later; that is no failure"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an attempt; `reason` is a code of ours or of the far end, never a text."""

    kind: Kind
    reason: str = ""
    asked: timedelta = timedelta()
    """Time the far end asked for."""
    whole: bool = False
    """It is about the far end as a whole, not about this letter."""


ACCEPTED = Verdict(Kind.ACCEPTED)


class Transport(Protocol):
    """Hands letters over to one far end."""

    @property
    def patience(self) -> float:
        """Seconds for one letter."""

    async def send(self, letter: Letter) -> Verdict:
        """One attempt; never raises for what the far end does, nor tells what is in the letter."""

    async def close(self) -> None:
        """Close what is kept open."""


def code(text: object) -> str:
    """A reason as a far end names it, REFUSED where it is no plain code."""
    return text if isinstance(text, str) and REASON.fullmatch(text) else "REFUSED"
