"""The community of an application: by name, code or initials, or chosen level by level."""

from collections.abc import Mapping, Sequence

from gateway.portal import _
from gateway.portal.finding import exactly
from gateway.portal.places import chosen_of
from kit.errors import Refusal, Violation, invalid
from kit.regions import Node, hainan

TYPED, PICKED, COMMUNITY = "place", "picked", "community"


def meant(sent: Mapping[str, str]) -> Sequence[Node]:
    """The communities that may be meant: the one that was picked, or all that what was typed fits.

    Raises Refusal 422 where there is none.
    """
    typed = sent.get(TYPED, "")
    code = sent.get(PICKED, "") or ("" if typed else chosen_of(COMMUNITY, sent))
    node = hainan().find(code)
    found = (node,) if node else exactly(typed, COMMUNITY) if typed else ()
    if not found:
        raise at_place(_("请写明所在村（社区）的名称或代码；也可以逐级选择。"))
    return found


def at_place(sentence: str) -> Refusal:
    """422 at the field."""
    return invalid("portal.form", sentence, Violation(TYPED, "place", sentence))
