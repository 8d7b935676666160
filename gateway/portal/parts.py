"""Parts of a page that may be missing while the rest stands: the role has none of it, or it is away."""

from typing import Any

from protobuf import Message

from gateway.portal.visit import Visit
from kit.errors import Kind, Refusal

AWAY = (Kind.UNAVAILABLE, Kind.DEADLINE, Kind.INTERNAL)


async def part(visit: Visit, message: Message, state: str = "") -> Any:
    """The answer; None where the role has no part in a thing of that state, the refusal where it is away.

    Raises every other refusal.
    """
    if not visit.may(type(message), state):
        return None
    try:
        return await visit.ask(message)
    except Refusal as refusal:
        if refusal.kind in AWAY:
            return refusal
        raise
