"""A form put aside while the person verifies who they are."""

import secrets

from starlette.responses import Response

from gateway.portal import kept
from kit.secrets import Keyring
from tests.portal_unit.requests import request
from tests.portal_unit.test_parts import cookie

KEYRING = Keyring({1: b"f" * 32}, {1: b"i" * 32}, {1: b"a" * 32})
TYPED = {"reason": "材料齐全，同意。", "agree": "yes"}


def put(typed: dict[str, str]) -> Response:
    """An answer that puts a form aside."""
    response = Response()
    kept.put_aside(response, KEYRING, "account", "/gov/cases/1", typed)
    return response


def read(value: str, account: str = "account", page: str = "/gov/cases/1") -> dict[str, str]:
    """What comes back."""
    told = request("/", headers={"cookie": f"{kept.ASIDE}={value}"})
    return dict(kept.aside(told, KEYRING, account, page))


def test_the_same_person_finds_it_at_the_same_page_only() -> None:
    value = cookie(put(TYPED), kept.ASIDE)
    assert read(value) == TYPED
    assert read(value, account="another") == {}
    assert read(value, page="/gov/cases/2") == {}
    assert "同意" not in value


def test_a_changed_or_foreign_value_is_nothing() -> None:
    value = cookie(put(TYPED), kept.ASIDE)
    assert read(value[:-4] + "AAAA") == {}
    assert read("%%%") == {}
    assert read("") == {}


def test_what_does_not_fit_into_a_cookie_is_not_kept() -> None:
    assert "set-cookie" not in put({"text": secrets.token_hex(4000)}).headers
