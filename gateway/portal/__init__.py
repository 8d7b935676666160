"""The pages: rendered here, enriched by htmx; they ask the services as the REST interface does.

A page module lies in `pages/<room>/` and imports from here; see docs/portal.md.
"""

from starlette.responses import Response

from gateway.downloads import download
from gateway.portal.language import gettext as _
from gateway.portal.page import action, page
from gateway.portal.visit import Visit, Who

__all__ = ["Response", "Visit", "Who", "_", "action", "download", "page"]
