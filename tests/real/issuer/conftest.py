"""Keycloak under the acceptance script: the demo's realm, and the one of production beside it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from keycloak import KeycloakAdmin

from deploy.keycloak import province_realm
from deploy.keycloak.demo_realm import strict_realm
from kit.cli.realm import connect, wanted
from kit.settings import Settings
from tests.kit.issuer.conftest import Issuer
from tests.kit.issuer.test_second_factor import ADMIN, CLERK, LEAD, RESIDENT
from tests.real.issuer.portal import Portal
from tests.real.older_portal import portal_key, settings_of

NAME = "minzheng-strict"
PORTAL_URL = "http://127.0.0.1:8080"
"""Where the acceptance script has the portal."""
WATCHED = ["LOGIN_ERROR", *(f"IDENTITY_PROVIDER_{kind}_ERROR" for kind in ("RESPONSE", "LOGIN", "FIRST_LOGIN"))]  # fmt: skip
"""What the realm keeps a record of."""
Realm = dict[str, Any]
Users = list[dict[str, Any]]


@pytest.fixture(scope="session")
def issuer(config: Settings) -> Issuer:
    """The platform's Keycloak, with the realm of the demo."""
    return Issuer(config.issuer)


def without_ids(users: Users) -> Users:
    """People of a second realm: Keycloak gives ids once."""
    return [{name: user[name] for name in user.keys() - {"id"}} for user in users]


def placeholders(config: Settings) -> dict[str, str]:
    """Each of the two realms knows where the other is, and ours an older portal; no other realm does."""
    return {
        "MINZHENG_UNIFIED_IDENTITY": issuer_of(config, "province"),
        "MINZHENG_UNIFIED_IDENTITY_ENABLED": "true",
        "MINZHENG_SECRET_UNIFIED_IDENTITY": province_realm.SECRET,
        "MINZHENG_BROKER": issuer_of(config, NAME),
        **settings_of(portal_key()),
    }


def made(config: Settings, realm: Realm, folder: Path) -> KeycloakAdmin:
    """A realm of the running Keycloak beside the demo's; its administration."""
    connect(config).create_realm(filled_in(config, realm, folder))
    return connect(config.model_copy(update={"issuer": issuer_of(config, realm["realm"])}))


def filled_in(config: Settings, realm: Realm, folder: Path, **other: str) -> Realm:
    """A realm with its placeholders filled, some of them otherwise."""
    file = folder / "realm.json"
    file.write_text(json.dumps(realm), encoding="utf-8")
    chosen = config.model_copy(update={"realm_file": file, "public_url": PORTAL_URL})
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (placeholders(config) | other).items():
            patch.setenv(name, value)
        return wanted(chosen)


def issuer_of(config: Settings, realm: str) -> str:
    """Issuer of a realm of the platform's Keycloak."""
    return f"{config.issuer.rpartition('/')[0]}/{realm}"


@pytest.fixture(scope="session")
def province(config: Settings, tmp_path_factory: pytest.TempPathFactory) -> KeycloakAdmin:
    """The administration of the realm that plays the province's unified identity."""
    return made(config, province_realm.realm(), tmp_path_factory.mktemp("province"))


@pytest.fixture(scope="session")
def administration(config: Settings, tmp_path_factory: pytest.TempPathFactory) -> KeycloakAdmin:
    """The administration of the realm of production, made here."""
    return made(config, production(), tmp_path_factory.mktemp("strict"))


def production() -> Realm:
    """The realm of production under a name of its own, with people to try it."""
    realm = strict_realm()
    own = {"realm": NAME, "eventsEnabled": True, "enabledEventTypes": WATCHED}
    return realm | own | {"users": without_ids(realm["users"])}


@pytest.fixture
def strict(administration: KeycloakAdmin) -> Issuer:
    """The realm of production; its people are new: no wrong guess, no spent code."""
    known = (CLERK, LEAD, RESIDENT, ADMIN)
    people = [user for user in strict_realm()["users"] if user["username"] in known]
    users = {"ifResourceExists": "OVERWRITE", "users": without_ids(people)}
    administration.partial_import_realm(NAME, users)
    return Issuer(f"{administration.connection.server_url.rstrip('/')}/realms/{NAME}")


@pytest.fixture
def heard() -> Iterator[Portal]:
    """What the portal hears."""
    portal = Portal()
    yield portal
    portal.go_away()


@pytest.fixture
def told(strict: Issuer, administration: KeycloakAdmin, heard: Portal) -> Issuer:
    """Keycloak, whose logout calls are listened to."""
    client = administration.get_client(administration.get_client_id("minzheng-portal"))
    attributes = client["attributes"] | {"backchannel.logout.url": heard.url}
    administration.update_client(client["id"], {"attributes": attributes})
    return strict


@pytest.fixture
def looked_at(administration: KeycloakAdmin) -> Callable[[], int]:
    """How many passwords were looked at while the account was open."""
    administration.connection.raw_delete(f"admin/realms/{NAME}/events")

    def count() -> int:
        found = administration.get_events({"type": "LOGIN_ERROR", "max": 10_000})
        return sum(event["error"] == "invalid_user_credentials" for event in found)

    return count


@pytest.fixture
def briefly_locking(strict: Issuer, administration: KeycloakAdmin) -> Iterator[Issuer]:
    """The same realm, where an account is locked for some seconds."""
    names = ("waitIncrementSeconds", "minimumQuickLoginWaitSeconds", "maxFailureWaitSeconds")
    before = administration.get_realm(NAME)
    administration.update_realm(NAME, dict.fromkeys(names, 3))
    yield strict
    administration.update_realm(NAME, {name: before[name] for name in names})
