"""What leaves the platform by SMS and mail: by which ways, when, and in which words. Pure.

Nobody is woken for what can wait until the morning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from kit.calendar import ZONE, QuietHours, WorkingCalendar
from services.notifications.domain.templates.template import Weight

CHANNELS = ("SMS", "MAIL")
GATHERED_AT = time(18)
"""When the information of a day leaves for those who want it at once a day."""
ENDS = ("DELIVERED", "FAILED")
ORDER = ("WAITING", "RELEASED", "KEPT", "ACCEPTED", *ENDS)


@dataclass(frozen=True, slots=True)
class Choice:
    """What an account can be reached by, and what its owner wants of it."""

    given: tuple[str, ...] = ()
    """Ways whose address is known."""
    channels: tuple[str, ...] = ()
    """Ways the owner named; none stands for every one that is given."""
    only_necessary: bool = False
    daily: bool = False


def ways(weight: Weight, choice: Choice) -> tuple[str, ...]:
    """The ways a message takes.

    Information may be declined. What the law or a limit asks for may not: where none of the ways
    the owner named has an address, it takes those that have.
    """
    if weight is Weight.INFORMATION and choice.only_necessary:
        return ()
    wanted = tuple(way for way in choice.given if way in (choice.channels or CHANNELS))
    return wanted if wanted or weight is Weight.INFORMATION else choice.given


def due(
    weight: Weight, choice: Choice, now: datetime, hours: QuietHours, calendar: WorkingCalendar
) -> datetime:
    """When a message may leave: at once, after quiet hours, or gathered with others of its day."""
    if weight is Weight.URGENT:
        return now
    gathered = weight is Weight.INFORMATION and choice.daily
    return hours.over(_next(now, GATHERED_AT) if gathered else now, calendar)


def _next(now: datetime, at: time) -> datetime:
    local = now.astimezone(ZONE)
    found = datetime.combine(local.date(), at, ZONE)
    return found if local < found else found + timedelta(days=1)


def letter(messages: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Subject and text of what leaves: the one message, or all of them under one heading."""
    if len(messages) == 1:
        return messages[0]
    texts = [f"{n}. {subject}\n{body}" for n, (subject, body) in enumerate(messages, 1)]
    return f"您有{len(messages)}条新消息", "\n\n".join(texts)


def settled(state: str, reported: str) -> str:
    """The state after a report. Reports may come twice and in any order: the later one stands."""
    if state == "WAITING" or state in ENDS or ORDER.index(reported) <= ORDER.index(state):
        return state
    return reported
