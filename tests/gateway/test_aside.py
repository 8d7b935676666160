"""A form put aside while its person signs in again: given back once, to that account at that page."""

from http.cookies import SimpleCookie

import pytest
from starlette.responses import Response

from gateway.portal.aside import COOKIE, Asides, account_of, whose
from kit.outbox import Doorbell
from kit.unit import Unit
from tests.conftest import Workload
from tests.filing.service import KEYRING
from tests.portal_unit.requests import request

TYPED = [("reason", "材料齐全，同意。"), ("agree", "yes"), ("agree", "no")]
PAGE = "/gov/cases/1"


@pytest.fixture
async def asides(workload: Workload) -> Asides:
    """The gateway's own database."""
    return Asides(Unit(await workload("gateway"), Doorbell(), KEYRING))


async def kept(asides: Asides, account: str = "anna") -> str:
    """The value of the cookie; empty where nothing was kept."""
    response = Response()
    await asides.keep(response, account, PAGE, TYPED)
    morsel = SimpleCookie(response.headers.get("set-cookie", "")).get(COOKIE)
    return morsel.value if morsel else ""


async def given(asides: Asides, value: str, account: str = "anna", page: str = PAGE) -> list:
    """What comes back."""
    told = request("/", headers={"cookie": f"{COOKIE}={value}"})
    return list(await asides.give(told, account, page))


async def test_the_same_person_finds_it_at_the_same_page_once(asides: Asides) -> None:
    value = await kept(asides)
    assert await given(asides, value, account="bert") == []
    assert await given(asides, value, page="/gov/cases/2") == []
    assert await given(asides, value) == TYPED
    assert await given(asides, value) == []


async def test_it_lies_sealed_and_goes_after_half_an_hour(asides: Asides) -> None:
    value, pool = await kept(asides), asides.unit.database.pool
    assert "同意".encode() not in bytes(await pool.fetchval("SELECT typed FROM aside"))
    assert await asides.tidy() == 0
    await pool.execute("UPDATE aside SET kept_at = kept_at - interval '31 minutes'")
    assert await given(asides, value) == []
    assert await asides.tidy() == 1


async def test_what_belongs_to_nobody_is_not_kept(asides: Asides) -> None:
    assert await kept(asides, account="") == ""
    for value in ("", "%%%", "00000000-0000-0000-0000-000000000000"):
        assert await given(asides, value) == []


def test_a_form_says_whose_it_is_to_us_alone() -> None:
    told = whose(KEYRING, "anna")
    assert account_of(KEYRING, told) == "anna"
    assert account_of(KEYRING, told[:-6] + "AAAAAA") == ""
    assert account_of(KEYRING, "") == ""
