"""A short-lived cookie: a sentence to show once."""

import base64

from starlette.requests import Request
from starlette.responses import Response

from gateway.session.cookies import drop, put

SAID = "__Host-said"
SAID_SECONDS = 60


def say(response: Response, sentence: str) -> None:
    """Have the next page show a sentence."""
    put(response, SAID, base64.urlsafe_b64encode(sentence.encode()).decode(), SAID_SECONDS)


def said(request: Request) -> str:
    """The sentence to show; empty for none."""
    try:
        return base64.urlsafe_b64decode(request.cookies.get(SAID, "")).decode()
    except ValueError:
        return ""


def drop_said(response: Response) -> None:
    """It is shown once."""
    drop(response, SAID)
