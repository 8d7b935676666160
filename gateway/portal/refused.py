"""Refusals as pages: what happened, in words, with code and the number to read out for help."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.calling import Refused
from gateway.portal.answers import HTML
from gateway.portal.arrival import NO_POST
from gateway.portal.aside import Asides, account_of
from gateway.portal.environment import render
from gateway.portal.form import WHOSE
from gateway.portal.headers import PRIVATE, is_partial
from gateway.portal.menu import home_of
from gateway.portal.visit import Visit
from gateway.problems import RETRY_AFTER, Problem, current_trace, problem_of

STEP_UP = "common.step_up"


async def told(error: Exception, visit: Visit, asides: Asides | None) -> Response:
    """The answer to a visit that was refused."""
    problem = problem_of(error)
    trace = error.trace_id if isinstance(error, Refused) else problem.trace_id
    back = quote(visit.here, safe="")
    if problem.code == STEP_UP and visit.who:
        return await sign_in_again(visit, f"/sign-in?level=high&next={back}", asides)
    if problem.status == 401:
        return await sign_in_again(visit, f"/sign-in?next={back}", asides)
    if problem.code == NO_POST:
        return on_to(visit.request, f"/sign-in/post?next={back}")
    return page(visit, problem, trace)


async def sign_in_again(visit: Visit, path: str, asides: Asides | None) -> Response:
    """To the sign-on and back; what was typed is put aside for the account whose form it is."""
    sent = visit.sent is not None and not is_partial(visit.request.headers)
    response = onward(visit, path) if sent else on_to(visit.request, path)
    if asides and visit.sent:
        account = account_of(asides.unit.keyring, visit.sent[WHOSE])
        await asides.keep(response, account, visit.here, visit.sent.typed)
    return response


def onward(visit: Visit, path: str) -> Response:
    """A page that goes on to the sign-on by itself: a browser does not let a form go to another site."""
    html = render("onward.html", visit=visit, said="", path=path)
    return Response(html, 401, PRIVATE, HTML)


def on_to(request: Request, path: str) -> Response:
    """Another page: for a script by header, since it would put the page into a place of this one."""
    if is_partial(request.headers):
        return Response(status_code=204, headers={**PRIVATE, "HX-Redirect": path})
    return RedirectResponse(path, 303, PRIVATE)


def page(visit: Visit, problem: Problem, trace: str = "") -> Response:
    """The page of a problem; for a script the message alone."""
    partial = is_partial(visit.request.headers)
    html = render(
        "partials/_problem.html" if partial else "problem.html",
        visit=visit,
        said="",
        problem=problem,
        trace=trace or current_trace(),
        home=home_of(visit.role),
    )
    headers = dict(PRIVATE)
    if problem.status in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[problem.status]
    return Response(html, problem.status, {**headers, **problem.headers}, HTML)
