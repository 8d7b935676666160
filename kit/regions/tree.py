"""The management tree: statistical placeholders are nodes, but nobody is shown or files in them.

It is not the tree of the division codes: communities of Sanya lie directly under their district,
counties of the province directly under it, and 洋浦 is a county-level unit of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from kit.errors import invalid

COMMITTEES = ("居民委员会", "村民委员会", "居委会", "村委会")


class Level(Enum):
    """Level in the management tree; a city without districts is a county."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True)
class Node:
    """One place.

    `path` runs from the province to the node over the management tree, "/46…/4601…/"; `authority`
    is the code of the filing authority or None where the county has not named one; `valid_to` is
    the last day in force.
    """

    code: str
    name: str
    full_name: str
    """Names below the province, e.g. 海口市龙华区大同街道."""
    short_name: str
    level: Level
    path: str
    parent: str | None
    authority: str | None
    placeholder: bool
    urban: bool | None
    """By type of committee; None where it is no community."""
    valid_from: date | None = None
    valid_to: date | None = None
    replaced_by: str | None = None

    @property
    def place(self) -> str:
        """The full name without the kind of committee, as names of organizations begin."""
        full = self.full_name
        for ending in COMMITTEES:
            full = full.removesuffix(ending)
        return full

    def in_force(self, on: date) -> bool:
        """The code was valid on that day."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_to is None or on <= self.valid_to)


class Tree:
    """All nodes of a province."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes: Mapping[str, Node] = {node.code: node for node in nodes}
        self._children: dict[str, list[Node]] = {}
        for node in self._nodes.values():
            if node.parent and not node.placeholder:
                self._children.setdefault(node.parent, []).append(node)

    def find(self, code: str) -> Node | None:
        """The node, or None."""
        return self._nodes.get(code)

    def get(self, code: str) -> Node:
        """The node. Raises Refusal region.unknown."""
        node = self._nodes.get(code)
        if node is None:
            raise invalid("region.unknown", "没有这个行政区划代码，请重新选择。")
        return node

    def ancestors(self, node: Node) -> tuple[Node, ...]:
        """Nodes from the province down to the node itself."""
        return tuple(self._nodes[code] for code in node.path.strip("/").split("/"))

    def children(self, code: str) -> tuple[Node, ...]:
        """Nodes directly below, without placeholders. Raises Refusal region.unknown."""
        return tuple(self._children.get(self.get(code).code, ()))

    def county_of(self, node: Node) -> Node:
        """The county-level unit that manages the node. Raises Refusal region.no_county above it."""
        for ancestor in self.ancestors(node):
            if ancestor.level is Level.COUNTY:
                return ancestor
        raise invalid(
            "region.no_county", f"{node.full_name}不属于任何县级单位，请选择县级以下的地区。"
        )

    def filing_authority(self, community_code: str, on: date, at_county: bool = False) -> Node:
        """Who files for a community on that day (P T11.2), whatever its level.

        `at_county`: the county files itself, also where the table names nobody.

        Raises Refusal region.unknown, not_a_community, placeholder, not_in_force, no_authority.
        """
        community = self.get(community_code)
        self._require_community(community)
        self._require_in_force(community, on)
        if at_county:
            return self.county_of(community)
        if community.authority is None:
            raise invalid(
                "region.no_authority",
                f"{community.full_name}尚未由所在县（市、区）明确备案机关，暂不能办理备案。",
            )
        authority = self.get(community.authority)
        self._require_in_force(authority, on)
        return authority

    @staticmethod
    def _require_community(node: Node) -> None:
        if node.level is not Level.COMMUNITY:
            raise invalid(
                "region.not_a_community", f"{node.full_name}不是村（社区），请选到村（社区）一级。"
            )
        if node.placeholder:
            raise invalid(
                "region.placeholder", f"{node.full_name}是统计用的虚拟地区，不能在此办理备案。"
            )

    def _require_in_force(self, node: Node, on: date) -> None:
        if node.in_force(on):
            return
        heir = self._nodes.get(node.replaced_by or "")
        hint = f"请改选{heir.full_name}。" if heir else "请选择现行地区。"
        raise invalid(
            "region.not_in_force", f"{node.full_name}在{on.isoformat()}不是现行行政区划，{hint}"
        )
