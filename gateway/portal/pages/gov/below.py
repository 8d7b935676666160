"""Places below a post's own: what its lists may be narrowed to."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.portal import Visit
from gateway.portal.finding import code_of
from gateway.portal.places import options
from kit.regions import Level, hainan

FEW = 30
"""Most places that are chosen from; of more the one that is typed (P15)."""


@dataclass(frozen=True, slots=True)
class Below:
    """The few to choose from, or the place within which one is typed; neither for a community."""

    options: Sequence[tuple[str, str]] = ()
    within: str = ""


def below(visit: Visit) -> Below:
    """Streets of a county, communities of a street; any place of a district with many, or of the province."""
    own = hainan().find(visit.who.region) if visit.who else None
    if own is None or own.level is Level.COMMUNITY:
        return Below()
    found = sorted(hainan().children(own.code), key=lambda node: node.code)
    many = own.level is Level.PROVINCE or len(found) > FEW
    return Below(within=own.code) if many else Below(options(found))


def narrowed(visit: Visit, typed: str) -> str:
    """Code of the place that a filter names; what was typed where it is not one place."""
    within = below(visit).within
    return code_of(typed, below=within) if typed and within else typed
