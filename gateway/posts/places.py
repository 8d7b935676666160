"""Where a role may be held: the level of its node, or a node that some community files with."""

from collections.abc import Callable, Mapping

from kit.regions import Level, Node, Tree


def is_authority(node: Node, tree: Tree) -> bool:
    """Some community files with this node: township, district of 三亚 or 三沙, 洋浦."""
    waiting = [node]
    while waiting:
        below = tree.children(waiting.pop().code)
        if any(child.authority == node.code for child in below):
            return True
        waiting.extend(below)
    return False


Fits = Callable[[Node, Tree], bool]


def _at(*levels: Level) -> Fits:
    return lambda node, _: node.level in levels


def anywhere(_node: Node, _tree: Tree) -> bool:
    """At any node."""
    return True


def _files(node: Node, tree: Tree) -> bool:
    # A county may take filing upon itself by a rule of the filing service (T11.2).
    return node.level is Level.COUNTY or is_authority(node, tree)


_AUTHORITY = (_files, "备案机关所在地区")
_COUNTY = (_at(Level.COUNTY), "县（市、区）一级")
_PROVINCE = (_at(Level.PROVINCE), "省一级")
PLACES: Mapping[str, tuple[Fits, str]] = {
    "VILLAGE": (_at(Level.COMMUNITY), "村（社区）"),
    "TOWN_CLERK": _AUTHORITY,
    "TOWN_LEAD": _AUTHORITY,
    "PARTY_TOWN": (is_authority, "备案机关所在地区"),
    "PARTY_SW": (_at(Level.COUNTY, Level.CITY, Level.PROVINCE), "县级以上地区"),
    "COUNTY_CLERK": _COUNTY,
    "COUNTY_REVIEW": _COUNTY,
    "COUNTY_APPROVE": _COUNTY,
    "COUNTY_FIN": _COUNTY,
    "CITY_CA": (_at(Level.CITY), "设区的市一级"),
    "PROV_SO": _PROVINCE,
    "PROV_GC": _PROVINCE,
    "PROV_CS": _PROVINCE,
    "AUDITOR": _PROVINCE,
    "SYS_ADMIN": _PROVINCE,
    "SEC_ADMIN": _PROVINCE,
    "AUDIT_ADMIN": _PROVINCE,
}
"""Where a role may be held; a role without a line (HUB_OP, EXPERT, DEPT) at any node."""
