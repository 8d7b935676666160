"""What only the embedded issuer promises, and the realm files it shares with Keycloak."""

import json
from pathlib import Path

import pytest

from deploy.keycloak.demo_realm import text
from kit.embedded.issuer import issuer_app
from kit.embedded.issuer.realm import filled
from tests.kit.issuer.conftest import BASE, REALM, Issuer
from tests.kit.issuer.test_acceptance import ASK, PERSON


async def test_guessing_locks_the_account_with_one_answer(issuer: Issuer) -> None:
    async with issuer.browser() as browser:
        pages = [
            (await browser.post("auth", params=ASK, data=PERSON | {"password": f"x{n}"})).text
            for n in range(5)
        ]
        assert len(set(pages)) == 1
        locked = await browser.post("auth", params=ASK, data=PERSON)
        assert (locked.status_code, locked.text) == (200, pages[0])


def test_production_refuses_the_embedded_issuer(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Keycloak"):
        issuer_app(REALM, tmp_path, BASE, profile="production")


def test_the_demo_realm_is_in_step_with_its_table() -> None:
    assert REALM.read_text(encoding="utf-8") == text()


def test_the_realm_of_production_names_no_person_and_no_secret() -> None:
    realm = json.loads((REALM.parent / "minzheng-realm.json").read_text(encoding="utf-8"))
    assert "users" not in realm
    assert realm["bruteForceProtected"] is True
    assert all(c.get("secret", "${").startswith("${") for c in realm["clients"])


@pytest.mark.parametrize("name", ["minzheng-realm.json", "minzheng-realm.demo.json"])
def test_tokens_of_departments_are_for_the_bus_too(name: str) -> None:
    realm = json.loads((REALM.parent / name).read_text(encoding="utf-8"))
    departments = [c for c in realm["clients"] if c["clientId"].startswith("dept-")]
    assert departments
    for client in departments:
        settings = [mapper["config"] for mapper in client["protocolMappers"]]
        assert "kafka" in [config.get("included.custom.audience") for config in settings]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"MINZHENG_PUBLIC_URL": "https://a"}, "https://a"),
        ({"MINZHENG_PUBLIC_URL": "https://a", "MINZHENG_GATEWAY_URL": "http://b"}, "http://b"),
    ],
)
def test_the_sign_on_reaches_the_gateway_by_its_own_way(
    known: dict[str, str], expected: str
) -> None:
    """Browsers are sent to the public address; the sign-on itself may know a shorter way."""
    [portal] = [c for c in filled(REALM, known)["clients"] if c["clientId"] == "minzheng-portal"]
    told = portal["attributes"]["backchannel.logout.url"]
    assert told == f"{expected}/sign-out/back-channel"
    public = known.get("MINZHENG_PUBLIC_URL", "http://127.0.0.1:8080")
    assert portal["redirectUris"] == [f"{public}/sign-in/callback"]


@pytest.mark.parametrize("name", ["minzheng-realm.json", "minzheng-realm.demo.json"])
def test_other_places_to_sign_on_at_are_off_until_they_are_set(name: str) -> None:
    providers = filled(REALM.parent / name, {})["identityProviders"]
    assert {one["alias"]: one["enabled"] for one in providers} == {
        "unified-identity": "false",
        "older-portal": "false",
    }
