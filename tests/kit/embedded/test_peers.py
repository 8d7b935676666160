"""Which parts are real, and that a data folder keeps to the log it began with."""

import json
from pathlib import Path
from typing import Any

import pytest

from kit.embedded.real.peers import databases, keep_to_the_log, own_broker, own_issuer, own_keycloak
from kit.embedded.sentences import StartError
from kit.embedded.up import children
from kit.settings import Settings

ELSEWHERE = "https://sign-on.example/realms/minzheng"


def names(config: Settings) -> list[str]:
    return [child.name for child in children(config)]


def test_by_default_all_is_embedded() -> None:
    config = Settings(events="embedded", sign_on="embedded")
    assert not own_broker(config)
    assert not own_keycloak(config)
    assert databases(config) == ()
    assert names(config)[-1] == "issuer"
    assert "keys" not in names(config)


def test_each_part_is_chosen_alone() -> None:
    bus = Settings(events="kafka", sign_on="embedded")
    assert (own_broker(bus), own_keycloak(bus)) == (True, False)
    assert names(bus)[-2:] == ["keys", "issuer"]
    people = Settings(events="embedded", sign_on="keycloak")
    assert (own_broker(people), own_keycloak(people)) == (False, True)
    assert databases(people) == ("keycloak",)
    assert not {"keys", "issuer"} & set(names(people))


def test_each_part_may_be_somebody_elses() -> None:
    config = Settings(
        events="kafka", kafka_servers="a:9092,b:9092", sign_on="keycloak", issuer=ELSEWHERE
    )
    assert not own_broker(config)
    assert not own_keycloak(config)
    assert not own_issuer(config)
    assert config.brokers == "a:9092,b:9092"
    assert not {"keys", "issuer"} & set(names(config))


@pytest.mark.parametrize("other", [{"events": "kafka"}, {"kafka_servers": "a:9092"}])
def test_facts_of_a_folder_stay_in_one_log(tmp_path: Path, other: dict[str, Any]) -> None:
    first = Settings(var=tmp_path, events="embedded")
    keep_to_the_log(first)
    keep_to_the_log(first)
    assert json.loads((tmp_path / "log.json").read_text())["events"] == "embedded"
    with pytest.raises(StartError, match="MINZHENG_VAR"):
        keep_to_the_log(first.model_copy(update=other))
