"""An administrator connects an older portal; its people come through our own door, and go."""

import base64
import html
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from lxml import etree
from signxml import XMLVerifier

from kit.embedded.sign_in import open_browser
from tests.platform import Platform
from tests.real.issuer.portal import Portal
from tests.real.older_portal import (
    CHOICE,
    NAMES,
    Answer,
    Request,
    SigningKey,
    logout_request,
    portal_key,
    settings_of,
)
from tests.stories.test_sign_on import MINE, follow, own_page

NONE = "无差异"


def apply(platform: Platform, *options: str) -> str:
    """What the verb says, as the operator's container calls it: by the address inside."""
    issuer = urlsplit(platform.environment["MINZHENG_ISSUER"])
    inside = {
        "MINZHENG_ISSUER": f"https://sign-on.invalid{issuer.path}",
        "MINZHENG_ISSUER_ADDRESS": f"http://{issuer.netloc}",
    }
    operator = Platform(platform.var, platform.environment | inside)
    done = operator.run("realm", "apply", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sign_outs() -> Iterator[Portal]:
    """Where the portal hears of the sign-outs here."""
    heard = Portal()
    yield heard
    heard.go_away()


@pytest.fixture(scope="module")
def connected(platform: Platform, sign_outs: Portal) -> Iterator[Platform]:
    """The platform while the portal is connected to it."""
    chosen = settings_of(portal_key(), _SIGN_OUT=sign_outs.url)
    platform.environment |= chosen
    try:
        said = apply(platform, "--yes")
        assert "identity provider older-portal" in said
        assert NONE in apply(platform)
        yield platform
    finally:
        for name in chosen:
            del platform.environment[name]
        apply(platform, "--yes")


@pytest.fixture
async def browser(connected: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A browser: one jar for the gateway and the sign-on."""
    async with open_browser(base_url=connected.url) as client:
        yield client


async def come(browser: httpx.AsyncClient) -> Answer:
    """Sign in through the portal; what it said."""
    page = await follow(browser, await browser.get("/sign-in"))
    assert "旧版办事大厅" in page.text
    [link] = (html.unescape(one) for one in CHOICE.findall(page.text))
    request = Request.read(await follow(browser, await browser.get(page.url.join(link))))
    answer = request.answer()
    sent = await browser.post(answer.recipient, data=request.form(answer.signed()))
    assert (await follow(browser, sent)).status_code == 200
    assert (await browser.get(MINE)).status_code == 200
    return answer


async def test_who_signs_out_there_is_signed_out_here(browser: httpx.AsyncClient) -> None:
    answer = await come(browser)
    async with open_browser() as portal:

        async def says(message: etree._Element) -> int:
            form = {"SAMLRequest": base64.b64encode(etree.tostring(message)).decode()}
            return (await portal.post(answer.recipient, data=form)).status_code

        assert await says(logout_request(answer)) == 400, "unsigned"
        assert await says(SigningKey().sign(logout_request(answer))) == 400, "by another key"
        assert (await browser.get(MINE)).status_code == 200
        assert await says(portal_key().sign(logout_request(answer))) == 200
    assert (await browser.get(MINE)).status_code == 401


async def test_who_signs_out_here_is_signed_out_there(
    connected: Platform, browser: httpx.AsyncClient, sign_outs: Portal
) -> None:
    answer = await come(browser)
    sign_outs.forms.clear()
    value = (await browser.get("/api/v1/session")).json()["formValue"]
    headers = own_page(connected, value)
    await browser.post("/sign-out", data={"form_value": value}, headers=headers)
    [form] = sign_outs.forms
    message = etree.fromstring(base64.b64decode(form["SAMLRequest"]))
    told = etree.fromstring((await browser.get(f"{answer.recipient}/descriptor")).content)
    certificate = told.findtext(".//ds:X509Certificate", namespaces=NAMES)
    signed = XMLVerifier().verify(message, x509_cert=certificate).signed_xml
    assert signed is not None
    assert signed.tag == f"{{{NAMES['samlp']}}}LogoutRequest"
    assert signed.findtext("saml:NameID", namespaces=NAMES) == answer.subject
    assert signed.findtext("samlp:SessionIndex", namespaces=NAMES) == answer.session
