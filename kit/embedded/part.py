"""One part of the one-command run as a process of its own: what our containers run."""

import asyncio
from collections.abc import Callable, Mapping

from kit import telemetry
from kit.database import connect
from kit.embedded.postgres import Postgres
from kit.settings import Settings
from kit.waiting import waited


def postgres(config: Settings) -> None:
    """PostgreSQL; its data folder is made at first."""
    Postgres.of(config).become()


def kafka(config: Settings) -> None:
    """The broker; its folder is formatted at first."""
    from kit.embedded.real.kafka import Broker

    Broker(config, say).prepare().work()


def keys(config: Settings) -> None:
    """The keeper of the public keys that the broker checks departments' tokens with."""
    from kit.embedded.real.kafka import Broker
    from kit.embedded.real.keys import keep

    keep(config.issuer_inside, Broker(config, say).keys)


def keycloak(config: Settings) -> None:
    """Keycloak, once its database is there; the realm is imported at first."""
    from kit.embedded.real.keycloak import WORKLOAD, Keycloak

    asyncio.run(waited(f"the database of {WORKLOAD}", lambda: _look(WORKLOAD)))
    Keycloak(config, say).prepare().work()


async def _look(workload: str) -> None:
    connection = await connect(workload, "owner")
    await connection.close()


def say(text: str) -> None:
    """A line of the container's log."""
    print(text, flush=True)


PARTS: Mapping[str, Callable[[Settings], None]] = {
    "postgres": postgres,
    "kafka": kafka,
    "keys": keys,
    "keycloak": keycloak,
}


def run(name: str, config: Settings) -> None:
    """Run a part; does not return while it runs. KeyError for a name that is none, StartError."""
    telemetry.log_as(name)
    PARTS[name](config)
