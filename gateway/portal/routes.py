"""Routes of the portal: every page of every room, the static files, the switch of display."""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.caller import SignedCaller
from gateway.calling import Calling, Calls
from gateway.portal import language, refused, wording
from gateway.portal.arrival import Arrivals
from gateway.portal.display import Display, display_route
from gateway.portal.environment import environment
from gateway.portal.page import Page, pages
from gateway.portal.served import static_route
from gateway.portal.visit import Read, Take, Visit
from gateway.problems import Problem, of_route

NO_PAGE = Problem(404, "portal.no_such_page", "未找到", "没有这个页面，请核对地址。")
Endpoint = Callable[[Request], Awaitable[Response]]


def portal_routes(
    caller: SignedCaller, calls: Calls, take: Take | None = None, read: Read | None = None
) -> list[Route]:
    """Every route; templates and catalogs are compiled here, once."""
    environment()
    language.translations(language.ENGLISH)
    wording.templates()
    arrivals = Arrivals(caller, calls, take, read)
    found = [Route(one.path, endpoint(one, arrivals), methods=[one.method]) for one in pages()]
    return [*found, static_route(), display_route()]


def endpoint(page: Page, arrivals: Arrivals) -> Endpoint:
    """The function a route calls: arrive, run, or tell what was refused."""

    async def answer(request: Request) -> Response:
        visit = Visit(
            request,
            Calling(arrivals.caller, arrivals.calls),
            Display.of(request),
            take=arrivals.take,
            read=arrivals.read,
        )
        language.current.set(visit.language)
        try:
            await arrivals.admit(visit, page)
            return await page.run(visit)
        except Exception as error:
            return await refused.told(error, visit, arrivals.asides)

    return answer


async def of_missing(request: Request, error: HTTPException) -> Response:
    """What no route takes: a page for who reads pages, a problem for programs."""
    if error.status_code != 404 or not reads_pages(request):
        return await of_route(request, error)
    return of_problem(request, NO_PAGE)


def of_problem(request: Request, problem: Problem) -> Response:
    """A problem before any page was reached."""
    if not reads_pages(request):
        return problem.response()
    display = Display.of(request)
    language.current.set(display.language)
    return refused.page(Visit(request, None, display), problem)


def reads_pages(request: Request) -> bool:
    """A browser asks for a page."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(
        "/api/"
    )
