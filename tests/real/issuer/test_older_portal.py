"""People of an older portal that speaks SAML 2.0 only: signed in on its word, and on nothing else."""

import html
from collections.abc import Callable
from copy import deepcopy
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
from tests.real.issuer.test_brokering import HIGH_LEVEL, follow, steps_up
from tests.real.older_portal import (
    CHOICE,
    ENTITY,
    MINUTE,
    NAMES,
    PERSISTENT,
    SIGNATURE,
    Answer,
    Element,
    P,
    Request,
    SigningKey,
    new_id,
    portal_key,
    settings_of,
)

Response = Callable[[Answer], Element | bytes]
BAD_SIGNATURE, BAD_RESPONSE = "invalid_signature", "invalid_saml_response"
VICTIM = "u-victim"


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
    for attributes in ({"assurance": "high"}, {"assurance": "low"}, {"assurance": "high"}, {}):
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


def saying(path: str, **attributes: str) -> Response:
    """An assertion with other attributes in one place, truly signed."""

    def response(answer: Answer) -> Element:
        assertion = answer.assertion()
        assertion.find(f".//saml:{path}", NAMES).attrib.update(attributes)
        return answer.message(portal_key().sign(assertion))

    return response


def changed(answer: Answer) -> Element:
    """Another subject after signing."""
    response = answer.signed()
    response.find(".//saml:NameID", NAMES).text = VICTIM
    return response


def forged(good: Element, name: str) -> Element:
    """A copy of a signed element with another subject, without its signature."""
    evil = deepcopy(good)
    evil.set("ID", name)
    evil.remove(evil.find("ds:Signature", NAMES))
    evil.find(".//saml:NameID", NAMES).text = VICTIM
    return evil


def beside(where: str, name: str = "") -> Response:
    """A forged assertion before or after the signed one, also under its very id."""

    def response(answer: Answer) -> Element:
        message = answer.signed()
        good = message.find("saml:Assertion", NAMES)
        getattr(good, where)(forged(good, name or good.get("ID")))
        return message

    return response


def around(answer: Answer) -> Element:
    """A forged assertion that carries the signed one within the signature."""
    message = answer.signed()
    good = message.find("saml:Assertion", NAMES)
    evil = forged(good, new_id())
    message.replace(good, evil)
    return carrying(evil, good)


def carrying(evil: Element, good: Element) -> Element:
    """The root of what was forged, with the signature of the good element and that element in it."""
    signature = good.find("ds:Signature", NAMES)
    evil.insert(1, signature)
    etree.SubElement(signature, f"{{{SIGNATURE}}}Object").append(good)
    return evil.getroottree().getroot()


def aside(answer: Answer) -> Element:
    """The signed assertion among the extensions, a forged one in its place."""
    message = answer.signed()
    good = message.find("saml:Assertion", NAMES)
    evil = forged(good, new_id())
    evil.insert(1, deepcopy(good.find("ds:Signature", NAMES)))
    message.replace(good, evil)
    message.insert(1, P.Extensions(good))
    return message


def message_around(answer: Answer) -> Element:
    """A forged message that carries the signed one."""
    good = portal_key().sign(answer.signed())
    return carrying(forged(good, new_id()), good)


def with_entity(answer: Answer) -> bytes:
    """Wants a file of the server read."""
    declared = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    return declared + etree.tostring(answer.signed())


ELSEWHERE = "https://elsewhere.example.org/saml"
REFUSED: dict[str, tuple[dict[str, Any], Response, str]] = {
    "unsigned": ({}, lambda answer: answer.message(answer.assertion()), BAD_SIGNATURE),
    "the message signed, the assertion not": (
        {}, lambda answer: portal_key().sign(answer.message(answer.assertion())), BAD_SIGNATURE),
    "signed by another key": ({}, lambda answer: answer.signed(SigningKey()), BAD_SIGNATURE),
    "changed after signing": ({}, changed, BAD_SIGNATURE),
    "forged before the signed": ({}, beside("addprevious", new_id()), BAD_SIGNATURE),
    "forged after the signed": ({}, beside("addnext", new_id()), BAD_SIGNATURE),
    "forged under the same id": ({}, beside("addprevious"), BAD_SIGNATURE),
    "forged around the signed": ({}, around, BAD_SIGNATURE),
    "the signed put aside": ({}, aside, BAD_SIGNATURE),
    "a message around the signed": ({}, message_around, BAD_SIGNATURE),
    "an entity": ({}, with_entity, BAD_RESPONSE),
    "of another portal": ({"issuer": ELSEWHERE}, Answer.signed, BAD_RESPONSE),
    "for another audience": ({"audience": ELSEWHERE}, Answer.signed, BAD_RESPONSE),
    "sent elsewhere": ({"destination": ELSEWHERE}, Answer.signed, BAD_RESPONSE),
    "for another recipient": (
        {}, saying("SubjectConfirmationData", Recipient=ELSEWHERE), BAD_RESPONSE),
    "an answer to another request": ({"asked": new_id()}, Answer.signed, BAD_RESPONSE),
    "a person confirmed for another request": (
        {}, saying("SubjectConfirmationData", InResponseTo=new_id()), BAD_RESPONSE),
    "nobody asked": ({"asked": ""}, Answer.signed, BAD_RESPONSE),
    "over": ({"late": -5}, Answer.signed, BAD_RESPONSE),
    "not begun": ({"late": 5}, Answer.signed, BAD_RESPONSE),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
async def test_refused(door: Issuer, administration: KeycloakAdmin, case: str) -> None:
    other, response, error = REFUSED[case]
    errors(administration)
    async with browser_at(door) as browser:
        request = await asked(browser)
        honest = request.answer()
        changes_to = {"at": honest.at + other["late"] * MINUTE} if "late" in other else other
        refused = await give(browser, request, response(request.answer(**changes_to)))
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


async def test_a_new_certificate_counts_beside_the_old_one_and_then_alone(
    door: Issuer, administration: KeycloakAdmin, config: Settings, tmp_path: Any
) -> None:
    new, old = SigningKey(), portal_key()

    def certificates(*keys: SigningKey) -> None:
        file = filled_in(config, production(), tmp_path, **settings_of(*keys))
        assert [change.do() for change in changes(file, administration)], "nothing to change"
        assert [change.text for change in changes(file, administration)] == []

    async def counts(key: SigningKey) -> bool:
        async with browser_at(door) as browser:
            return (await enter(browser, key)).status_code == 302

    for known, expected in (
        ((old, new), (True, True)),
        ((new,), (False, True)),
        ((), (False, False)),
    ):
        certificates(*known)
        assert (await counts(old), await counts(new)) == expected
    certificates(old)
    assert await counts(old)
