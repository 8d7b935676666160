"""The verbs. `minzheng VERB --help` shows what each does, with an example."""

import asyncio
import importlib
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from kit.cli.later import Verbs
from kit.settings import settings

DEMO_ACCOUNT, DEMO_PASSWORD = "clerk.datong", "demo-Minzheng-2026"
"""Published: synthetic people only."""
app = typer.Typer(
    cls=Verbs,
    help="minzheng 民政: the platform for community social organizations. Start with `minzheng up`.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


def main() -> None:
    """The command; what cannot be reached or is refused is said in a sentence, not in a traceback."""
    try:
        app()
    except Exception as error:
        if sentence := importlib.import_module("kit.cli.trouble").told(error):
            fail(sentence)
        raise


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
    database = importlib.import_module("kit.database")
    all_of_them = importlib.import_module("kit.embedded.workloads").databases
    for workload in (name,) if name else all_of_them(settings()):
        applied = asyncio.run(database.migrate(workload))
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
    sign_in = importlib.import_module("kit.embedded.sign_in").sign_in
    typer.echo(asyncio.run(sign_in(settings().issuer, username, password)).access_token)


@app.command()
def trace(trace_id: Annotated[str, typer.Argument(help="as in X-Trace-Id")]) -> None:
    """Print the spans of a trace as a tree, with durations.

    Example: `minzheng trace 4bf92f3577b34da6a3ce929d0e0e4736`
    """
    traces = importlib.import_module("kit.telemetry.tree")
    for line in traces.tree(settings().var / "traces", trace_id):
        typer.echo(line)
