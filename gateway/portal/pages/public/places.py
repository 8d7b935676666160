"""`/places`: the selects below a place that was just chosen, for the region macro."""

import re

from gateway.portal import Response, Visit, page
from gateway.portal.places import chosen_of, levels

KEY = re.compile("[a-z][a-z_]{0,40}")
OTHERWISE = "community"


@page("/places")
async def places(visit: Visit) -> Response:
    """The three selects, or two where a county has no townships."""
    key = visit.query.get("key", "")
    key = key if KEY.fullmatch(key) else OTHERWISE
    found = levels(key, chosen_of(key, visit.query))
    return visit.show("public/places.html", part="public/_places.html", key=key, levels=found)
