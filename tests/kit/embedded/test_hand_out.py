"""Every process of a platform in containers has the secrets it needs, and no others."""

import stat
from pathlib import Path

import pytest

from kit.embedded.client_secret import client_secrets
from kit.embedded.hand_out import hand_out
from kit.embedded.part import refuse_people
from kit.embedded.sentences import StartError
from kit.embedded.workloads import service_names
from kit.secrets import Keyring
from kit.settings import Settings

CONFIG = Settings(events="kafka", sign_on="keycloak")
PRODUCTION = Path("deploy/keycloak/minzheng-realm.json")
FORBIDDEN = {
    "*_owner": {"operator", "keycloak"},
    "postgres_superuser": {"operator", "postgres"},
    "internal_key.pem": {"operator", "gateway"},
    "sign_on_client_secret": {"operator", "gateway"},
    "keycloak_admin": {"operator", "keycloak"},
    "kafka_password_platform": {"operator", "kafka"},
    "kafka_password_gateway": {"operator", "kafka", "gateway"},
    "field_key_1": {"operator", "gateway", *service_names()},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hand") / "secrets"
    hand_out(made, CONFIG)
    return made


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_a_secret_lies_only_where_it_is_needed(folder: Path, pattern: str) -> None:
    assert {file.parent.name for file in folder.glob(f"*/{pattern}")} == FORBIDDEN[pattern]


def test_keycloak_owns_its_own_database_only(folder: Path) -> None:
    owners = [file.name for file in (folder / "keycloak").glob("*_owner")]
    assert owners == ["postgres_minzheng_keycloak_owner"]


def test_a_service_has_its_own_password_and_its_keys(folder: Path) -> None:
    names = {file.name for file in (folder / "filing").iterdir()}
    assert {name for name in names if name.startswith("postgres_")} == {"postgres_minzheng_filing_app"}  # fmt: skip
    assert {name for name in names if name.startswith("kafka_")} == {"kafka_password_filing"}
    assert {"internal_keys.json", "checkpoint_key.pem", "checkpoint_key.pub.pem"} <= names
    keyring = Keyring.load(CONFIG.model_copy(update={"secrets": folder / "filing"}))
    assert keyring.used("field") == 1


def test_others_of_this_machine_cannot_enter(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    inside = {stat.S_IMODE(file.stat().st_mode) for file in folder.glob("*/*")}
    assert inside == {0o444}


def test_a_second_time_changes_nothing_and_brings_what_is_new(folder: Path) -> None:
    def contents() -> dict[Path, bytes]:
        return {file: file.read_bytes() for file in folder.glob("*/*")}

    before = contents()
    new = folder / "operator" / "field_key_2"
    new.write_bytes((folder / "operator" / "field_key_1").read_bytes())
    hand_out(folder, CONFIG)
    after = contents()
    assert {path: after[path] for path in before} == before
    services = (*service_names(), "gateway")
    assert after.keys() - before.keys() == {new, *(folder / name / new.name for name in services)}


def test_secrets_that_the_realm_leaves_open_are_made_and_shared(tmp_path: Path) -> None:
    production = CONFIG.model_copy(update={"realm_file": PRODUCTION})
    hand_out(tmp_path / "secrets", production)
    told = client_secrets(production.model_copy(update={"secrets": tmp_path / "secrets/keycloak"}))
    assert len(set(told.values())) == len(told) > 10
    lent = (tmp_path / "secrets/gateway/sign_on_client_secret").read_text()
    assert lent == told["MINZHENG_SECRET_PORTAL"]
    holders = {file.parent.name for file in tmp_path.glob("secrets/*/client_*")}
    assert holders == {"operator", "keycloak"}


def test_production_refuses_a_realm_with_demo_accounts() -> None:
    refuse_people(CONFIG)
    refuse_people(CONFIG.model_copy(update={"profile": "production", "realm_file": PRODUCTION}))
    with pytest.raises(StartError, match="MINZHENG_REALM_FILE"):
        refuse_people(CONFIG.model_copy(update={"profile": "production"}))
