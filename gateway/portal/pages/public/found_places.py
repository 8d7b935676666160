"""`/places/found`: the places that fit what is being typed, for the field of a place."""

from gateway.portal import Response, Visit, page
from gateway.portal.finding import PROVINCE, found
from gateway.portal.places import MOST


@page("/places/found")
async def found_places(visit: Visit) -> Response:
    """The best of them."""
    asked = visit.query.get
    fitting = found(asked("q", ""), asked("level", ""), asked("below", "") or PROVINCE)
    return visit.show(
        "public/found_places.html", part="public/_found_places.html", found=fitting[:MOST]
    )
