"""People of an older portal that speaks SAML 2.0 only: signed in on its word, and on nothing else."""

import html
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from keycloak import KeycloakAdmin
from lxml import etree
from signxml import XMLVerifier

from kit.cli.realm import changes
from kit.settings import Settings
from tests.kit.issuer.conftest import Issuer
from tests.kit.issuer.test_acceptance import ASK
from tests.kit.issuer.test_second_factor import answer_of, browser_at
from tests.real.issuer.conftest import NAME, filled_in, production
from tests.real.issuer.forging import BAD_RESPONSE, REFUSED, VICTIM
from tests.real.issuer.test_brokering import HIGH_LEVEL, follow, steps_up
from tests.real.older_portal import (
    CHOICE,
    ENTITY,
    MINUTE,
    NAMES,
    PERSISTENT,
    Element,
    Request,
    SigningKey,
    new_id,
    portal_key,
    settings_of,
)


@pytest.fixture(scope="module")
def door(administration: KeycloakAdmin) -> Issuer:
    """The realm of production, to which the portal is connected."""
    return Issuer(f"{administration.connection.server_url.rstrip('/')}/realms/{NAME}")


async def asked(browser: httpx.AsyncClient, **more: str) -> Request:
    """What the portal is asked when its button is pressed."""
    page = await browser.get("auth", params=ASK | more)
    [link] = (html.unescape(one) for one in CHOICE.findall(page.text))
    return Request.read(await follow(browser, await browser.get(page.url.join(link))))


async def give(
    browser: httpx.AsyncClient, request: Request, response: Element | bytes
) -> httpx.Response:
    """Carry a response to where the request wants it."""
    where = request.message.get("AssertionConsumerServiceURL")
    return await follow(browser, await browser.post(where, data=request.form(response)))


async def enter(
    browser: httpx.AsyncClient, key: SigningKey | None = None, **said: Any
) -> httpx.Response:
    """What follows the portal's honest answer."""
    request = await asked(browser)
    return await give(browser, request, request.answer(**said).signed(key))


async def claims_of(door: Issuer, **said: Any) -> dict[str, Any]:
    """Claims of who signs in through the portal."""
    async with browser_at(door) as browser:
        return await answer_of(browser, await enter(browser, **said))


async def test_nobody_is_asked_anything_and_no_more_than_needed_comes_along(
    door: Issuer, administration: KeycloakAdmin
) -> None:
    talkative = {
        "assurance": "high", "legal_person_code": "91460000MA5DEMO0X0", "mobile": "12000000001",
        "urn:oid:1.2.840.113549.1.9.1": "somebody@example.org", "urn:oid:2.5.4.42": "演示",
        "urn:oid:2.5.4.4": "居民", "roles": "operator",
    }  # fmt: skip
    for _ in range(2):
        claims = await claims_of(door, subject="u-talked-of", attributes=talkative)
        assert claims["preferred_username"] == "op-u-talked-of"
        assert (claims["assurance"], claims["acr"]) == ("high", "low")
    [user] = administration.get_users({"username": "op-u-talked-of"})
    kept = {"assurance": ["high"], "legal_person_code": ["91460000MA5DEMO0X0"]}
    assert user["attributes"] == kept
    assert user.keys().isdisjoint({"email", "firstName", "lastName"})
    roles = {role["name"] for role in administration.get_realm_roles_of_user(user["id"])}
    assert roles == {"citizen", f"default-roles-{NAME}"}


async def test_the_portal_knows_that_we_ask(door: Issuer) -> None:
    async with browser_at(door) as browser:
        request = await asked(browser)
        address = f"{door.url}/broker/older-portal/endpoint"
        told = etree.fromstring((await browser.get(f"{address}/descriptor")).content)
    certificate = told.findtext(".//ds:X509Certificate", namespaces=NAMES)
    signed = XMLVerifier().verify(request.message, x509_cert=certificate).signed_xml
    assert signed is not None
    assert signed.get("ID") == request.message.get("ID")
    assert signed.get("AssertionConsumerServiceURL") == address
    assert signed.find("samlp:NameIDPolicy", NAMES).get("Format") == PERSISTENT
    assert request.target == f"{ENTITY}/sign-on"


async def test_the_assurance_is_what_the_portal_said_last(door: Issuer) -> None:
    for attributes in ({"assurance": "low"}, {"assurance": "high"}, {}):
        claims = await claims_of(door, subject="u-assured", attributes=attributes)
        assert claims.get("assurance") == attributes.get("assurance")


async def test_a_step_up_asks_for_a_code_of_ours(door: Issuer) -> None:
    subject = new_id()

    async def comes(browser: httpx.AsyncClient) -> httpx.Response:
        request = await asked(browser, **HIGH_LEVEL)
        return await give(browser, request, request.answer(subject=subject).signed())

    await steps_up(door, comes)


async def test_no_account_is_taken_over_by_a_subject_that_only_looks_like_its_own(
    door: Issuer, administration: KeycloakAdmin
) -> None:
    """Names of accounts are folded to small letters; subjects are not."""
    assert (await claims_of(door, subject="u-small"))["preferred_username"] == "op-u-small"
    async with browser_at(door) as browser:
        refused = await enter(browser, subject="U-Small")
        assert refused.status_code == 409
        assert "federated_identity_account_exists" in errors(administration)


def errors(administration: KeycloakAdmin) -> set[str]:
    """What went wrong since this was asked last."""
    found = {event["error"] for event in administration.get_events({"max": 50})}
    administration.connection.raw_delete(f"admin/realms/{NAME}/events")
    return found


async def test_a_comment_cuts_no_subject(door: Issuer) -> None:
    """Signatures look past comments: what stands behind one still counts."""
    async with browser_at(door) as browser:
        request = await asked(browser)
        response = request.answer(subject=f"{VICTIM}.longer").signed()
        name = response.find(".//saml:NameID", NAMES)
        name.text = VICTIM
        name.append(etree.Comment("x"))
        name[0].tail = ".longer"
        claims = await answer_of(browser, await give(browser, request, response))
    assert claims["preferred_username"] == f"op-{VICTIM}.longer"


@pytest.mark.parametrize("minutes", [-1.5, 1.5])
async def test_clocks_may_differ_by_half_a_minute(door: Issuer, minutes: float) -> None:
    """Half a minute outside of what the portal allows: within the minute that we forgive."""
    async with browser_at(door) as browser:
        request = await asked(browser)
        honest = request.answer()
        answer = request.answer(at=honest.at + minutes * MINUTE)
        assert (await give(browser, request, answer.signed())).status_code == 302


@pytest.mark.parametrize("case", REFUSED)
async def test_refused(door: Issuer, administration: KeycloakAdmin, case: str) -> None:
    response, error = REFUSED[case]
    errors(administration)
    async with browser_at(door) as browser:
        request = await asked(browser)
        refused = await give(browser, request, response(request.answer()))
        assert refused.status_code == 400
        assert errors(administration) == {error}
        silent = await browser.get("auth", params=ASK | {"prompt": "none"})
    assert "error=login_required" in silent.headers["location"], "somebody is signed in"
    assert administration.get_users({"username": f"op-{VICTIM}", "exact": True}) == []


async def test_a_response_counts_once_and_in_its_browser(
    door: Issuer, administration: KeycloakAdmin
) -> None:
    async with browser_at(door) as browser, browser_at(door) as thief:
        request = await asked(browser)
        response = request.answer().signed()
        assert (await give(thief, request, response)).status_code == 400, "before its owner"
        assert (await give(browser, request, response)).status_code == 302
        assert (await give(browser, request, response)).status_code == 400, "once more"
        errors(administration)
        own = await asked(thief)
        assert (await give(thief, own, response)).status_code == 400, "under a request of its own"
        assert errors(administration) == {BAD_RESPONSE}


@pytest.fixture
def certify(
    administration: KeycloakAdmin, config: Settings, tmp_path: Path
) -> Iterator[Callable[..., None]]:
    """The portal's certificates are set as an administrator sets them; afterwards as before."""

    def apply(*keys: SigningKey) -> None:
        file = filled_in(config, production(), tmp_path, **settings_of(*keys))
        for change in changes(file, administration):
            change.do()

    yield apply
    apply(portal_key())


async def test_a_new_certificate_counts_beside_the_old_one_and_then_alone(
    door: Issuer, certify: Callable[..., None]
) -> None:
    new, old = SigningKey(), portal_key()

    async def counts(key: SigningKey) -> bool:
        async with browser_at(door) as browser:
            return (await enter(browser, key)).status_code == 302

    assert (await counts(old), await counts(new)) == (True, False)
    certify(old, new)
    assert (await counts(old), await counts(new)) == (True, True)
    certify(new)
    assert (await counts(old), await counts(new)) == (False, True)
    certify()
    assert not await counts(new), "without a certificate nothing is believed"
