"""Parts of ours listen on loopback, except where they have a name of their own (a container)."""

from pathlib import Path

import pytest

from kit.embedded.postgres import Postgres
from kit.embedded.real.kafka import Broker
from kit.embedded.real.keycloak import Keycloak
from kit.settings import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path, secrets=tmp_path)


def broker_of(config: Settings) -> tuple[str, str]:
    found = Broker(config, print)._properties()
    return found["listeners"], found["advertised.listeners"]


def test_on_one_machine_nothing_is_open_to_others(config: Settings) -> None:
    assert all(EVERYWHERE not in told for told in broker_of(config))
    assert Keycloak(config, print)._environment()["KC_HTTP_HOST"] == "127.0.0.1"
    assert Postgres.of(config).options == {}


def test_with_a_name_of_its_own_it_is_reached_by_that(config: Settings) -> None:
    named = config.model_copy(update={"peer_host": "bus"})
    listens, told = broker_of(named)
    assert told == "PLATFORM://bus:19092,DEPARTMENTS://bus:19093"
    assert listens == f"PLATFORM://{EVERYWHERE}:19092,DEPARTMENTS://{EVERYWHERE}:19093,CONTROLLER://127.0.0.1:19094"  # fmt: skip
    assert Keycloak(named, print)._environment()["KC_HTTP_HOST"] == EVERYWHERE
    assert Postgres.of(named).options["listen_addresses"] == EVERYWHERE


def test_the_sign_on_is_told_where_the_gateway_is(config: Settings) -> None:
    assert Keycloak(config, print)._environment()["MINZHENG_GATEWAY_URL"] == config.public_url
    named = config.model_copy(update={"gateway_url": "http://gateway:8080"})
    told = Keycloak(named, print)._environment()
    assert told["MINZHENG_GATEWAY_URL"] == "http://gateway:8080"
    assert told["MINZHENG_PUBLIC_URL"] == config.public_url


def test_processes_may_reach_the_issuer_elsewhere_than_its_name_says(config: Settings) -> None:
    assert config.issuer_inside == config.issuer == "http://127.0.0.1:8081/realms/minzheng"
    named = config.model_copy(update={"issuer_address": "http://keycloak:8081"})
    assert named.issuer_inside == "http://keycloak:8081/realms/minzheng"
