"""The verbs. `minzheng VERB --help` shows what each does, with an example."""

import asyncio
import importlib
import json
import os
import sys
from errno import ENOSPC
from pathlib import Path
from typing import Annotated, NoReturn

import asyncpg
import httpx
import typer
from rich.console import Console

from kit.cli import audit, backup, consumer, keys, realm, rebuild, replay, restore, signing
from kit.cli import clock as clocks
from kit.cli import status as states
from kit.database import migrate as migrate_one
from kit.embedded.sentences import StartError
from kit.embedded.sign_in import SignInError, sign_in
from kit.embedded.workloads import databases
from kit.errors import Refusal
from kit.settings import settings
from kit.telemetry import tree as traces

DEMO_ACCOUNT, DEMO_PASSWORD = "clerk.datong", "demo-Minzheng-2026"
"""Published: synthetic people only."""
app = typer.Typer(
    help="minzheng 民政: the platform for community social organizations. Start with `minzheng up`.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
clock_app = typer.Typer(
    help="The business clock: legal dates are counted by it.", no_args_is_help=True
)
app.add_typer(clock_app, name="clock")
app.add_typer(audit.app, name="audit")
app.add_typer(replay.app, name="replay")
app.add_typer(consumer.app, name="consumer")
app.add_typer(keys.app, name="keys")
keys.app.command("rotate-signing")(signing.rotate)
keys.app.command("retire-signing")(signing.retire)
app.add_typer(realm.app, name="realm")
app.command("backup")(backup.backup)
app.command("backup-key")(backup.backup_key)
app.command("restore")(restore.restore)
app.command("restore-check")(restore.restore_check)
app.command("rebuild")(rebuild.rebuild)


def main() -> None:
    """The command; what cannot be reached or is refused is said in a sentence, not in a traceback."""
    try:
        app()
    except (OSError, httpx.HTTPError, asyncpg.PostgresError) as error:
        fail(_unreachable(error))
    except StartError as error:
        fail(str(error))
    except (Refusal, SignInError) as error:
        fail(error.detail if isinstance(error, Refusal) else f"登录失败 sign-in failed: {error}")


def _unreachable(error: Exception) -> str:
    kind = type(error).__name__
    if isinstance(error, OSError) and error.errno == ENOSPC:
        return f"磁盘已满 the disk is full: {error.filename or kind}"
    if isinstance(error, OSError) and error.filename:
        return f"无法读写 cannot read or write: {error.filename} ({kind})"
    return f"无法连接，平台是否已启动？Cannot connect: is the platform up? ({kind})"


def fail(sentence: str) -> NoReturn:
    """Say why on stderr and end with 1."""
    typer.echo(sentence, err=True)
    sys.exit(1)


@app.command()
def up(
    events: Annotated[
        str | None, typer.Option(help="embedded or kafka: what carries facts")
    ] = None,
    sign_on: Annotated[str | None, typer.Option(help="embedded or keycloak")] = None,
) -> None:
    """Start the whole platform in the foreground: database, log, sign-on, services, gateway.

    Example: `minzheng up`, then open the printed URL; Ctrl-C stops everything.
    """
    chosen = {"MINZHENG_EVENTS": events, "MINZHENG_SIGN_ON": sign_on}
    os.environ.update({name: value for name, value in chosen.items() if value})
    settings.cache_clear()
    raise typer.Exit(importlib.import_module("kit.embedded.up").up())


@app.command()
def serve(
    name: Annotated[str, typer.Argument(help="a folder under services/, or gateway")],
) -> None:
    """Run one process: a service or the gateway. Everything it needs is in the settings.

    Example: `minzheng serve filing`
    """
    if name == "gateway":
        importlib.import_module("gateway.app").main()
    else:
        importlib.import_module("kit.server").main(name)


@app.command()
def migrate(
    name: Annotated[str | None, typer.Argument(help="one workload; all when left out")] = None,
    wait: Annotated[bool, typer.Option(help="for server, database and rights")] = False,
) -> None:
    """Apply the numbered SQL files that a database lacks, as its owner.

    Example: `minzheng migrate filing`
    """
    if wait:
        importlib.import_module("kit.cli.prepare").wait_for_rights(name)
    for workload in (name,) if name else databases(settings()):
        applied = asyncio.run(migrate_one(workload))
        typer.echo(f"{workload}: {', '.join(applied) or 'up to date'}")


@app.command()
def prepare(
    only_rights: Annotated[
        bool, typer.Option(help="roles, databases and their rights, nothing else")
    ] = False,
) -> None:
    """Make what the processes wait for: roles and databases, migrations, topics, demo posts.

    Needs the superuser's password and the owners'; waits for database and broker; safe to repeat.
    Example: `minzheng prepare`, before or beside the first `minzheng serve`
    """
    importlib.import_module("kit.cli.prepare").run(only_rights)


@app.command()
def part(name: Annotated[str, typer.Argument(help="postgres, kafka, keys or keycloak")]) -> None:
    """Run one part that we bring ourselves, as its container does; it ends when the part ends.

    Example: `minzheng part kafka`
    """
    importlib.import_module("kit.embedded.part").run(name, settings())


@app.command()
def probe(name: Annotated[str, typer.Argument(help="a service, or gateway")]) -> None:
    """End with 0 when a process says that it is ready, with 1 when not or when nobody answers.

    Example: `minzheng probe filing`
    """
    raise typer.Exit(0 if importlib.import_module("kit.cli.probe").serves(name) else 1)


@app.command()
def secrets(
    folder: Annotated[Path, typer.Argument(help="outside version control")] = Path(
        "var/compose/secrets"
    ),
) -> None:
    """Make the secret files of a platform in containers, a folder for each; what is there stays.

    Example: `minzheng secrets` before the first start, and after every new service or key
    """
    importlib.import_module("kit.embedded.hand_out").hand_out(folder, settings())


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False) -> None:
    """Processes, versions, memory, outbox age, lag, parked facts.

    Example: `minzheng status --json | python -m json.tool`
    """
    found = asyncio.run(states.status())
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        states.show(found, Console())


@clock_app.command("show")
def clock_show() -> None:
    """Print today's legal date."""
    typer.echo(asyncio.run(clocks.business_today()).isoformat())


@clock_app.command("advance")
def clock_advance(days: Annotated[int, typer.Argument(min=1, max=3660)]) -> None:
    """Move the business clock forward in every database; never backwards, never in production.

    Example: `minzheng clock advance 30`
    """
    today = asyncio.run(clocks.advance(days))
    typer.echo(today.isoformat())


@app.command()
def seed() -> None:
    """Give the demonstration accounts their posts; repeated, it changes nothing.

    Example: `minzheng seed`
    """
    importlib.import_module("gateway.seed").seed()


@app.command()
def first_administrators(first: str, second: str) -> None:
    """Name the first two security administrators, by their accounts at the sign-on.

    For an installation that has none, or none any more; all other posts are granted by them.

    Example: `minzheng first-administrators 6f1d…-0c31 9a2e…-77b0`
    """
    importlib.import_module("gateway.posts.founding").run(first, second)


@app.command()
def resend(
    subscription: Annotated[str, typer.Argument(help="id of the subscription")],
    reason: Annotated[str, typer.Option(help="why; goes into the audit trail, names no person")],
    since: Annotated[str, typer.Option(help="a time with zone; the whole feed when left out")] = "",
    until: Annotated[str, typer.Option(help="a time with zone; up to now when left out")] = "",
) -> None:
    """Send a department's address events of a span again, behind what is on its way, marked so.

    At most 10,000 at once, the oldest first; repeat from the time printed. Departments can do the
    same themselves. Example: `minzheng resend 019a… --since 2026-11-29T08:00+08:00 --reason "lost"`
    """
    importlib.import_module("gateway.subscriptions.operating").run(
        subscription, since, until, reason
    )


@app.command()
def demo(
    expectations: Annotated[Path, typer.Option(help="files to compare with")] = Path(
        "tests/stories/expected"
    ),
    record: Annotated[bool, typer.Option(help="write the files instead")] = False,
    through: Annotated[
        str, typer.Option(help="command that runs `minzheng` beside a platform that is not here")
    ] = "",
    traces: Annotated[
        bool, typer.Option(help="compare traces too; not where spans go to a collector")
    ] = True,
) -> None:
    """Play stories 1, 9 and 10 through the public API of the running platform; moves its clock.

    Example: `minzheng demo` (or `make demo`, which starts a platform of its own)
    """
    play = importlib.import_module("gateway.demo.play")
    raise typer.Exit(play.main(expectations, record, through, traces))


@app.command()
def token(username: str, password: str = DEMO_PASSWORD) -> None:
    """Sign in as a demonstration account and print its access token (five minutes).

    Example: `curl -H "Authorization: Bearer $(minzheng token clerk.datong)" URL`
    """
    typer.echo(asyncio.run(sign_in(settings().issuer, username, password)).access_token)


@app.command()
def trace(trace_id: Annotated[str, typer.Argument(help="as in X-Trace-Id")]) -> None:
    """Print the spans of a trace as a tree, with durations.

    Example: `minzheng trace 4bf92f3577b34da6a3ce929d0e0e4736`
    """
    for line in traces.tree(settings().var / "traces", trace_id):
        typer.echo(line)
