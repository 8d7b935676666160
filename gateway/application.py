"""The HTTP application: routes of the contracts, uploads, health, pages, and what surrounds them."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.caller import SignedCaller
from gateway.calling import Calls
from gateway.csp import csp_route
from gateway.health import Health
from gateway.middleware import Accidents, Limits, SecurityHeaders, Spans, templates
from gateway.portal.routes import of_missing, of_problem, portal_routes
from gateway.portal.visit import Read, Take
from gateway.pressure import Pressure
from gateway.problems import HANDLERS, of_accident
from gateway.routing import Index
from gateway.transcoding.routes import api_routes
from kit.recent import Recent

TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""The spans are our own (`gateway.middleware`)."""


def application(
    caller: SignedCaller,
    calls: Calls,
    health: Health,
    requests: Recent,
    uploads: Sequence[Route],
    take: Take | None = None,
    read: Read | None = None,
) -> ASGIApp:
    """The application over these parts; `take` keeps a file that came with a form, `read` gives it again.

    Every request is noted in `requests`.
    """
    accidents: dict[Any, Any] = {
        **HANDLERS,
        HTTPException: of_missing,
        Exception: of_accident,
    }
    routes = [
        csp_route(),
        *health.routes(),
        *uploads,
        *portal_routes(caller, calls, take, read),
        *api_routes(caller, calls),
    ]
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry=TELEMETRY,
        redirect_slashes=False,
        routes=[Index(routes)],
        exception_handlers=accidents,
    )
    answered = SecurityHeaders(Accidents(Limits(app), of_problem))
    return Pressure(Spans(answered, templates(routes), requests), of_problem, requests)
