"""Two short-lived cookies: a sentence to show once, and a form put aside to verify the person again."""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from starlette.requests import Request
from starlette.responses import Response

from gateway.session.cookies import drop, put
from kit.secrets import Keyring

SAID = "__Host-said"
SAID_SECONDS = 60
ASIDE = "__Host-aside"
ASIDE_SECONDS = 600
LONGEST = 3500
"""Characters of a cookie; a longer form is not put aside."""
PLACE = "cookie.aside:"
UNREADABLE = (InvalidTag, binascii.Error, zlib.error, ValueError, TypeError, KeyError, IndexError)


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


def put_aside(
    response: Response, keyring: Keyring, account: str, page: str, typed: Mapping[str, str]
) -> None:
    """Keep what was typed for the same person at the same page, encrypted; too much is not kept."""
    told = json.dumps([account, page, dict(typed)], ensure_ascii=False).encode()
    packed = base64.b64encode(zlib.compress(told, 9)).decode()
    cell = base64.urlsafe_b64encode(keyring.encrypt(packed, PLACE)).decode()
    if len(cell) <= LONGEST:
        put(response, ASIDE, cell, ASIDE_SECONDS)


def aside(request: Request, keyring: Keyring, account: str, page: str) -> Mapping[str, str]:
    """What this person typed at this page before; empty for anything else."""
    try:
        cell = base64.urlsafe_b64decode(request.cookies.get(ASIDE, ""))
        packed = base64.b64decode(keyring.decrypt(cell, PLACE))
        whose, where, typed = json.loads(zlib.decompress(packed))
    except UNREADABLE:
        return {}
    return dict(typed) if (whose, where) == (account, page) else {}
