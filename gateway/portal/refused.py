"""Refusals as pages: what happened, in words, with code and the number to read out for help."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.calling import Refused
from gateway.portal import kept
from gateway.portal.answers import HTML
from gateway.portal.arrival import NO_POST
from gateway.portal.environment import render
from gateway.portal.headers import PRIVATE, is_partial
from gateway.portal.menu import home_of
from gateway.portal.visit import Visit
from gateway.problems import RETRY_AFTER, Problem, current_trace, problem_of
from kit.secrets import Keyring

STEP_UP = "common.step_up"


def told(error: Exception, visit: Visit, keyring: Keyring | None) -> Response:
    """The answer to a visit that was refused."""
    problem = problem_of(error)
    trace = error.trace_id if isinstance(error, Refused) else problem.trace_id
    back = visit.here
    if problem.code == STEP_UP and visit.who:
        return verify_again(visit, back, keyring)
    if problem.status == 401:
        return on_to(visit.request, f"/sign-in?next={quote(back, safe='')}")
    if problem.code == NO_POST:
        return on_to(visit.request, f"/sign-in/post?next={quote(back, safe='')}")
    return page(visit, problem, trace)


def verify_again(visit: Visit, back: str, keyring: Keyring | None) -> Response:
    """To the second factor and back; what was typed is put aside."""
    response = on_to(visit.request, f"/sign-in?level=high&next={quote(back, safe='')}")
    if keyring and visit.who and visit.sent:
        kept.put_aside(response, keyring, visit.who.account, back, visit.sent.texts)
    return response


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
