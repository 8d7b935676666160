"""Places below a post's own: what its lists may be narrowed to."""

from collections.abc import Sequence

from gateway.portal import Visit
from gateway.portal.places import options
from kit.regions import Level, Node, hainan


def below(visit: Visit) -> Sequence[tuple[str, str]]:
    """Streets of a county, communities of a street; nothing for a community or the whole province."""
    own = hainan().find(visit.who.region) if visit.who else None
    if own is None or own.level in (Level.PROVINCE, Level.COMMUNITY):
        return ()
    found: list[Node] = [node for node in hainan().children(own.code) if not node.placeholder]
    return options(sorted(found, key=lambda node: node.code))


def place_name(code: str) -> str:
    """Full name of a place; empty for none."""
    node = hainan().find(code) if code else None
    return node.full_name if node else code
