"""`/desk`: the first page of the menu, whoever comes: where a person begins after signing in."""

from gateway.portal import Response, Visit, page
from gateway.portal.menu import home_of
from kit.identity import unauthenticated


@page("/desk")
async def desk(visit: Visit) -> Response:
    """On to where the role begins. Refusal 401 for nobody."""
    if visit.who is None:
        raise unauthenticated()
    return visit.go(home_of(visit.role))
