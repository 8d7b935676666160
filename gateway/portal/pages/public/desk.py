"""`/desk`: the first page of the menu, whoever comes: where a person begins after signing in."""

from gateway.portal import Response, Visit, page
from gateway.portal.menu import home_of


@page("/desk", shared=False)
async def desk(visit: Visit) -> Response:
    """On to where the role begins; for nobody that is the home page."""
    return visit.go(home_of(visit.role))
