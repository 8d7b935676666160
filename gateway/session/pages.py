"""The pages of signing on: who is signed in and under which post, and what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from gateway.portal import language
from gateway.portal.answers import HTML
from gateway.portal.display import Display
from gateway.portal.environment import render
from gateway.portal.headers import PRIVATE
from gateway.portal.visit import RESIDENT, Visit, Who
from gateway.session.domain import SELF
from proto.gen.minzheng.common.v1.access_pb import Role


@dataclass(frozen=True, slots=True)
class Choice:
    """A post that may be acted under, and whether it is the present one."""

    post: str
    title: str
    present: bool


def shown(
    request: Request, template: str, status: int = 200, who: Who | None = None, /, **values: Any
) -> Response:
    """A page that nobody keeps."""
    visit = Visit(request, None, Display.of(request), who)
    language.current.set(visit.language)
    html = render(f"pages/me/{template}", visit=visit, said="", **values)
    return Response(html, status, PRIVATE, HTML)


def posts(
    request: Request, name: str, choices: Sequence[Choice], value: str, go_on: str
) -> Response:
    """Who is signed in, the posts to choose from, signing out."""
    acting = next((one for one in choices if one.present), None)
    present = acting.title if acting else ""
    post = RESIDENT if acting and acting.post == SELF else present
    who = Who("", name, Role.UNSPECIFIED, post, "", "", value)
    return shown(
        request,
        "posts.html",
        200,
        who,
        name=name,
        choices=choices,
        value=value,
        go_on=go_on,
        present=present,
    )


def failed(request: Request, sentence: str, status: int, go_on: str = "") -> Response:
    """A sign-on that was not finished, and the way to try again."""
    again = "/sign-in" + (f"?next={quote(go_on, safe='')}" if go_on else "")
    return shown(request, "failed.html", status, sentence=sentence, again=again)
