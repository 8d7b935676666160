"""`/sitemap` and `/accessibility`: every page there is for everybody, and how accessible they are."""

from gateway.portal import Response, Visit, page
from gateway.portal.menu import public_menu


@page("/sitemap")
async def sitemap(visit: Visit) -> Response:
    """The pages for everybody, and where to sign in."""
    return visit.show("public/sitemap.html", entries=public_menu("/sitemap"))


@page("/accessibility")
async def accessibility(visit: Visit) -> Response:
    """What standard the pages are held to, and whom to tell."""
    return visit.show("public/accessibility.html")
