"""Choosing a place: county, township, community, each below the one chosen before."""

from collections.abc import Mapping, Sequence

from gateway.portal.finding import COMMUNITY, PROVINCE, exactly
from gateway.portal.language import gettext as _
from gateway.portal.query import address
from kit.regions import Level, Node, hainan

MOST = 20
"""Places that are offered where several fit."""
Options = Sequence[tuple[str, str]]
Select = tuple[str, str, Options, str]


def counties() -> Sequence[Node]:
    """Every county-level unit, in the order of their codes."""
    found = [node for city in hainan().children(PROVINCE) for node in units(city)]
    return sorted(found, key=lambda node: node.code)


def units(node: Node) -> Sequence[Node]:
    """A node of county level, or those below a city."""
    return [node] if node.level is Level.COUNTY else hainan().children(node.code)


def levels(key: str, chosen: str) -> Sequence[Select]:
    """Selects (name, label, options, chosen) down to a community, after what is chosen so far.

    The last one is named `key`, those above `key_county` and `key_township`. A county whose
    communities lie directly under it has no townships to choose.
    """
    county, township, community = line(chosen)
    found = [select(f"{key}_county", _("市县（区）"), counties(), county)]
    below = hainan().children(county.code) if county else ()
    if not below or below[0].level is Level.TOWNSHIP:
        found.append(select(f"{key}_township", _("街道（乡镇）"), below, township))
        below = hainan().children(township.code) if township else ()
    return [*found, select(key, _("社区（村）"), below, community)]


def line(code: str) -> tuple[Node | None, Node | None, Node | None]:
    """County, township and community of a place, None where it names none."""
    node = hainan().find(code)
    above = {one.level: one for one in hainan().ancestors(node)} if node else {}
    return above.get(Level.COUNTY), above.get(Level.TOWNSHIP), above.get(Level.COMMUNITY)


def select(key: str, label: str, nodes: Sequence[Node], chosen: Node | None) -> Select:
    """A select."""
    return key, label, options(nodes), chosen.code if chosen else ""


def options(nodes: Sequence[Node]) -> Options:
    """Nodes as options; counties carry the name of their city."""
    return [(one.code, one.full_name if one.level is Level.COUNTY else one.name) for one in nodes]


def chosen_of(key: str, sent: Mapping[str, str]) -> str:
    """The deepest place that was chosen and lies in those above it; empty for none."""
    found = ""
    for name in (f"{key}_county", f"{key}_township", key):
        node = hainan().find(sent.get(name, ""))
        if node and (not found or f"/{found}/" in node.path):
            found = node.code
    return found


def typed_or_chosen(key: str, path: str, sent: Mapping[str, str]) -> tuple[str, Options]:
    """The community that was typed (`place`), else what was chosen; what fits of the typed, by address."""
    asked = dict(sent)
    chosen, typed = chosen_of(key, asked), asked.pop("place", "")
    fitting = exactly(typed, COMMUNITY, chosen or PROVINCE)
    meant = [(one.full_name, address(path, asked, **{key: one.code})) for one in fitting[:MOST]]
    return fitting[0].code if len(fitting) == 1 else chosen, meant
