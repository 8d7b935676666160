"""The community of an application: by name or code, or chosen level by level."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from gateway.portal import _
from gateway.portal.places import PROVINCE, chosen_of
from kit.errors import Refusal, Violation, invalid
from kit.regions import Level, Node, hainan

TYPED, PICKED, COMMUNITY = "place", "picked", "community"


def meant(sent: Mapping[str, str]) -> Sequence[Node]:
    """The communities that may be meant: the one that was picked, or all that what was typed fits.

    Raises Refusal 422 where there is none.
    """
    typed = sent.get(TYPED, "")
    code = sent.get(PICKED, "") or ("" if typed else chosen_of(COMMUNITY, sent))
    node = hainan().find(code)
    found = (node,) if node else search(typed) if typed else ()
    if not found:
        raise at_place(_("请写明所在村（社区）的名称或代码；也可以逐级选择。"))
    return found


def search(typed: str) -> Sequence[Node]:
    """Communities by code, by their whole name, else by all parts of the name that were typed."""
    node = hainan().find(typed)
    if node is not None:
        return (node,)
    parts = typed.split()
    fitting = [one for one in communities() if all(part in one.full_name for part in parts)]
    return [one for one in fitting if typed in (one.name, one.full_name)] or fitting


@cache
def communities() -> Sequence[Node]:
    """Every community of the province."""
    return tuple(below(PROVINCE))


def below(code: str) -> Iterator[Node]:
    """Communities under a place, in the order of the codes."""
    for node in hainan().children(code):
        if node.level is Level.COMMUNITY:
            yield node
        else:
            yield from below(node.code)


def at_place(sentence: str) -> Refusal:
    """422 at the field."""
    return invalid("portal.form", sentence, Violation(TYPED, "place", sentence))
