"""Narrowing the register by place: typed, or chosen among those directly below."""

from collections.abc import Sequence

from gateway.portal import Visit
from gateway.portal.finding import PROVINCE, exactly
from gateway.portal.query import address
from kit.regions import Level, Node, hainan

PATH = "/register"


def typed(visit: Visit) -> Sequence[Node]:
    """The places that fit what was typed, within the county that was chosen."""
    within = visit.query.get("region", "") or PROVINCE
    return exactly(visit.query.get("place", ""), below=within)


def parts_of(sought: dict[str, str]) -> list[tuple[str, str]]:
    """Places directly below a county, or a township, each with its address."""
    place = hainan().find(sought["region"])
    if place is None or place.level not in (Level.COUNTY, Level.TOWNSHIP):
        return []
    return [(one.name, one_below(sought, one)) for one in hainan().children(place.code)]


def one_below(sought: dict[str, str], place: Node) -> str:
    """The address of what is sought, at one place."""
    return address(PATH, sought, region=place.code)
