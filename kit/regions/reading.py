"""Reads the two tables into the management tree: divisions, overruled by the management regions."""

from collections.abc import Iterable, Mapping
from datetime import date

from kit.regions.tree import Level, Node, Tree

Row = Mapping[str, str]

_LEVELS = dict(zip("12345", Level, strict=True))


def tree_from(divisions: Iterable[Row], management: Iterable[Row]) -> Tree:
    """Tree of the division rows; a management row gives level and parent of its node.

    `valid_from`, `valid_to` and `replaced_by` are read where the table has them.
    Raises KeyError for a parent that is not in the table.
    """
    reader = _Reader(
        {row["code"]: row for row in divisions}, {row["code"]: row for row in management}
    )
    return Tree(reader.nodes.values())


class _Reader:
    def __init__(self, divisions: Mapping[str, Row], management: Mapping[str, Row]) -> None:
        self.divisions = divisions
        self.management = management
        self.nodes: dict[str, Node] = {}
        for code in divisions:
            self.node(code)

    def node(self, code: str) -> Node:
        if code not in self.nodes:
            self.nodes[code] = self._read(self.divisions[code], self._parent(code))
        return self.nodes[code]

    def _parent(self, code: str) -> Node | None:
        """The nearest ancestor that is no placeholder."""
        parent = self.management.get(code, self.divisions[code])["parent"]
        while parent and self.divisions[parent]["is_placeholder"] == "1":
            parent = self.divisions[parent]["parent"]
        return self.node(parent) if parent else None

    def _read(self, row: Row, parent: Node | None) -> Node:
        code, managed = row["code"], self.management.get(row["code"])
        return Node(
            code=code,
            name=row["name"],
            full_name=_prefix(parent) + row["name"],
            short_name=row["short_name"],
            level=Level(managed["level"]) if managed else _LEVELS[row["level"]],
            path=f"{parent.path if parent else '/'}{code}/",
            parent=parent.code if parent else None,
            authority=row["filing_authority_code"] or None,
            placeholder=row["is_placeholder"] == "1",
            urban={"urban": True, "rural": False}.get(row["urban_rural"]),
            valid_from=_day(row.get("valid_from")),
            valid_to=_day(row.get("valid_to")),
            replaced_by=row.get("replaced_by") or None,
        )


def _prefix(parent: Node | None) -> str:
    return "" if parent is None or parent.level is Level.PROVINCE else parent.full_name


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
