"""Filters in the address: what was asked for, addresses with and without a condition, choices of contracts."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from protobuf import Message

from gateway.portal.filters import word
from kit.errors import Refusal

if TYPE_CHECKING:
    from gateway.portal.visit import Visit

Kind = TypeVar("Kind", bound=IntEnum)


def address(path: str, conditions: Mapping[str, str] = MappingProxyType({}), **changes: str) -> str:
    """An address with its conditions as changed, those that are empty left out."""
    kept = {name: text for name, text in {**conditions, **changes}.items() if text}
    return f"{path}?{urlencode(kept)}" if kept else path


async def listed(
    visit: "Visit", path: str, sought: Mapping[str, str], message: Message
) -> tuple[Any, dict[str, str]]:
    """The answer of a list, None where a condition is refused; its first and its following page.

    The refusal stands above the list. Raises what no condition can mend.
    """
    found = None
    try:
        found = await visit.ask(message)
    except Refusal as refusal:
        visit.refused(refusal)
    following = found.page.next_token if found and found.page else ""
    return found, {
        "first": address(path, sought) if visit.query.get("token") else "",
        "following": address(path, sought, token=following) if following else "",
    }


def chosen(kind: type[Kind], text: str) -> Kind:
    """A value of a contract by its short name; UNSPECIFIED for any other text."""
    return kind[text] if text in kind.__members__ else kind(0)


def choices(kind: type[IntEnum]) -> Sequence[tuple[str, str]]:
    """Values of a contract as options of a select."""
    return [(one.name, word(one)) for one in kind if one.value]
