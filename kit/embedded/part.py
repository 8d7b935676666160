"""One part of the one-command run as a process of its own: what our containers run."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Mapping

from kit import telemetry
from kit.database import connect
from kit.embedded.alone import alone_for_good
from kit.embedded.postgres import Postgres
from kit.embedded.sentences import StartError
from kit.settings import Settings
from kit.waiting import waited


def postgres(config: Settings) -> None:
    """PostgreSQL; its data folder is made at first, and nobody restores it while it runs."""
    alone_for_good(config.var)
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

    refuse_people(config)
    asyncio.run(waited(f"the database of {WORKLOAD}", lambda: _look(WORKLOAD)))
    Keycloak(config, say).prepare().work()


def refuse_people(config: Settings) -> None:
    """Production refuses a realm file with accounts, whose passwords are published (StartError)."""
    people = json.loads(config.realm_file.read_text(encoding="utf-8")).get("users")
    if people and config.profile == "production":
        raise StartError(
            f"{config.realm_file} 含演示账号，不用于生产环境，请设置 MINZHENG_REALM_FILE。\n"
            f"{config.realm_file} has demo accounts: production needs another MINZHENG_REALM_FILE."
        )


async def _look(workload: str) -> None:
    connection = await connect(workload, "owner")
    await connection.close()


def end_when_told() -> None:
    """End at SIGTERM also as the first process of a container, to which the kernel lets nothing happen."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


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
    end_when_told()
    PARTS[name](config)
