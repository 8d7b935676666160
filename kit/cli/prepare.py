"""`minzheng prepare`: everything the processes wait for, made by the one who may."""

import asyncio
import importlib

import httpx
import typer

from kit import telemetry
from kit.database import migrate
from kit.embedded.part import end_when_told
from kit.embedded.roles import prepare
from kit.embedded.workloads import databases
from kit.log.adapters import open_log
from kit.log.port import LogError
from kit.log.topics import made
from kit.settings import Settings, settings
from kit.waiting import NotYet, entitled, waited


def run(only_rights: bool) -> None:
    """Roles and databases, migrations, topics, rights on the bus, demo posts; safe to repeat."""
    telemetry.log_as("operator")
    end_when_told()
    config = settings()
    asyncio.run(roles(config) if only_rights else ground(config))
    if config.demo and config.profile != "production" and not only_rights:
        importlib.import_module("gateway.seed").seed()
    typer.echo("已就绪 prepared")


def wait_for_rights(workload: str | None) -> None:
    """Return when the owners of these databases may migrate them: what they make, others may then use."""
    telemetry.log_as("migration")
    end_when_told()
    for name in (workload,) if workload else databases(settings()):
        asyncio.run(entitled(name))


async def roles(config: Settings) -> None:
    """Roles, databases and their rights; waits for the server."""
    others = ("keycloak",) if config.sign_on == "keycloak" else ()
    await waited("PostgreSQL", lambda: prepare((*databases(config), *others), config))


async def ground(config: Settings) -> None:
    """What is in the database and the broker; waits for both."""
    await roles(config)
    for name in databases(config):
        applied = await migrate(name, config)
        typer.echo(f"{name}: {', '.join(applied) or 'up to date'}")
    await waited("the log", lambda: topics(config))


async def topics(config: Settings) -> None:
    """The topics of all facts; on Kafka the public ones too, and who may do what with them."""
    if config.events == "kafka":
        return await rights()
    events = await open_log(config)
    try:
        if not await made(events):
            raise NotYet("no answer")
    except LogError as error:
        raise NotYet(str(error)) from error
    finally:
        await events.close()


async def rights() -> None:
    """The topics, and the rules of workloads and departments on the broker."""
    from kafka.errors import KafkaError

    from kit.embedded.real import rights as broker

    try:
        await asyncio.to_thread(broker.main)
    except (KafkaError, httpx.HTTPError) as error:
        raise NotYet(type(error).__name__) from error
