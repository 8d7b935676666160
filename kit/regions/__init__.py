"""Places of the province: the management tree and who files for whom (specification 5.3)."""

from functools import cache

from kit import data
from kit.regions.reading import tree_from
from kit.regions.tree import Level, Node, Tree

__all__ = ["Level", "Node", "Tree", "hainan", "tree_from"]


@cache
def hainan() -> Tree:
    """The management tree of Hainan, read once."""
    return tree_from(data.rows("hainan_divisions.csv"), data.rows("management_regions.csv"))
