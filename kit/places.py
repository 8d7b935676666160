"""Places as every reader sees them, and the columns of a row by which lists choose them."""

from kit.regions import Level, hainan
from proto.gen.minzheng.common.v1.region_pb import Region


def region(code: str) -> Region:
    """A place with its names; only the code where the tree does not know it any more."""
    node = hainan().find(code)
    if node is None:
        return Region(code=code)
    return Region(code=node.code, name=node.name, full_name=node.full_name)


def levels(code: str) -> dict[str, str]:
    """Codes of a place and what it lies in by level, empty where there is none.

    Raises Refusal region.unknown.
    """
    tree = hainan()
    above = {node.level.value: node.code for node in tree.ancestors(tree.get(code))}
    return {level.value: above.get(level.value, "") for level in Level}
