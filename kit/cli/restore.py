"""`minzheng restore`: the whole platform brought back to a second, put in order, and checked."""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from kit.backup import checks, files, trail, trial
from kit.backup.checks import Finding, Reader
from kit.backup.folder import NAMED, last_restore, note_restore, place
from kit.backup.recover import Recovered, recovered
from kit.calendar import ZONE
from kit.cli.operator import audit, names, runtime_of, service_of
from kit.cli.replay import republish
from kit.contracts import topic_of
from kit.database import connect
from kit.embedded.alone import alone
from kit.embedded.up import refuse_production
from kit.secrets import Keyring
from kit.settings import Settings, settings

BY = "minzheng restore"
SETTLE_SECONDS = 60.0
"""For facts that were on their way at the second to arrive."""
As = Annotated[
    str,
    typer.Option(help="who signs in at the end: name or name:password; what lacks is asked for"),
]
NOT_TRIED = (
    "未试运行：登录、事件是否到齐均未检查。请启动平台，再运行 minzheng restore-check --account 账号。\n"
    "NOT TRIED: neither signing in nor the facts on their way were checked."
    " Start the platform, then run `minzheng restore-check --account NAME`."
)


@dataclass
class Report:
    """What is told: each check, and how long the steps took."""

    console: Console
    findings: list[Finding] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def found(self, *findings: Finding) -> None:
        """Print and keep."""
        for one in findings:
            mark = "[green]符合 holds[/]" if one.holds else "[red]不符 FAILS[/]"
            self.console.print(f"  {mark}  {one.name}: {one.said}")
            self.findings.append(one)

    def say(self, text: str) -> None:
        """A line with the seconds since the beginning."""
        self.console.print(f"{time.monotonic() - self.began:6.1f} s  {text}", markup=False)

    def end(self) -> None:
        """Ends the command with 1 where a check fails."""
        self.say("完成 done")
        if not all(one.holds for one in self.findings):
            sys.exit(1)


def restore(
    to: Annotated[
        str | None,
        typer.Option(help="a second, as 2026-11-29T14:03:07 (Beijing time, or with an offset)"),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(envvar="MINZHENG_BACKUP_KEY", help="the private key of sealed backups"),
    ] = None,
    account: As = "",
    tried: Annotated[
        bool, typer.Option("--trial/--no-trial", help="none in containers: then restore-check")
    ] = True,
) -> None:
    """Bring the stopped platform back to a second, or to the last one known, and check everything.

    What stands in the data folder is set aside, never removed. Then: sessions end, checkpoints of
    the future given up are set aside, every act is audited, and each check is printed. Ends with 1
    where one fails. Example: `minzheng restore --to 2026-11-29T14:03:07 --key /media/key/backup_key.pem`,
    then `minzheng up`
    """
    config, report = settings(), Report(Console(soft_wrap=True))
    if tried:
        refuse_production(config)
    moment = read_moment(to)
    who = _who(account, config)
    with alone(config.var), recovered(config, moment, key) as (_, said):
        _tell(report, said)
        asyncio.run(_in_order(config, report, said))
    note_restore(place(config), moment or datetime.now(UTC), said.base)
    if tried:
        with trial.started(config):
            report.say("平台已启动 started on trial")
            asyncio.run(_tried(config, report, said.to or datetime.now(UTC), who))
    else:
        report.console.print(NOT_TRIED, style="bold red")
    report.end()


def restore_check(account: As = "") -> None:
    """Check the platform that runs again after `minzheng restore --no-trial`.

    The account signs in and reads its posts (without one, only the door leads to the sign-on),
    every fact stated is held by all who read it, nobody holds one that nobody states, every link
    of the audit trail. Ends with 1 where one fails.
    Example: `podman-compose run --rm operator restore-check --account clerk.datong`
    """
    config, report = settings(), Report(Console(soft_wrap=True))
    who = _who(account, config)
    asyncio.run(_tried(config, report, last_restore(place(config)), who))
    report.end()


def read_moment(text: str | None) -> datetime | None:
    """A second in Beijing time unless it says otherwise; BadParameter for what is none."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"不是时刻 not a time: {text}") from error
    return moment.replace(tzinfo=ZONE) if moment and moment.tzinfo is None else moment


def _who(account: str, config: Settings) -> trial.Account | None:
    """Who signs in; asks the terminal for a password or one-time code that is lacking."""
    if account:
        name, _, password = account.partition(":")
        given = password or typer.prompt(f"{name} 密码 password", hide_input=True, err=True)
        return trial.Account(name, given, partial(typer.prompt, "动态口令 code", err=True))
    if config.sign_on == "embedded" and config.profile != "production":
        from kit.cli.app import DEMO_ACCOUNT, DEMO_PASSWORD

        return trial.Account(DEMO_ACCOUNT, DEMO_PASSWORD)
    return None


def _tell(report: Report, said: Recovered) -> None:
    report.say(f"备份 base {said.base.folder.name}: unpacked and verified in {said.unpacked:.1f} s")
    report.say(f"日志 log replayed to {said.to or 'its end'} in {said.replayed:.1f} s")
    if said.set_aside:
        report.say(f"原数据目录 what stood there: {said.set_aside}")


async def _in_order(config: Settings, report: Report, said: Recovered) -> None:
    """Before anybody works: looked at as it was, then put in order."""
    report.found(await checks.second(names(), said.to))
    if config.events == "embedded":
        report.found(await checks.offsets(await readers(), said.to or datetime.now(UTC)))
    count = await asyncio.to_thread(files.bring_back, place(config), config.var / "files")
    report.say(f"{count} 个文件已取回 files brought back")
    stamp = f"{datetime.now(UTC):{NAMED}}"
    for name in names():
        await _mend(config, name, said, stamp)
    keyring = Keyring.load()
    report.found(await checks.trails(names(), keyring))
    sealed = [(name, service_of(name).sealed) for name in names()]
    report.found(await checks.keys(sealed, keyring))
    needed = [(name, service_of(name).files) for name in names()]
    report.found(await checks.files(needed, config.var / "files"))


async def _mend(config: Settings, name: str, said: Recovered, stamp: str) -> None:
    """A workload's database after it went back: the world outside did not."""
    connection = await connect(name, "app")
    try:
        beyond = await trail.set_aside(connection, name, stamp)
    finally:
        await connection.close()
    why = f"to {said.to or 'the end'}, base {said.base.folder.name}, {beyond} checkpoints given up"
    async with runtime_of(name) as runtime, runtime.database.transaction("restore") as write:
        for text in service_of(name).restored:
            await write.execute(text)
        if config.events == "kafka":
            await republish(write, service_of(name))
        await audit(runtime.unit, write, "restore_database", name, why, by=BY)


async def _tried(config: Settings, report: Report, to: datetime, who: trial.Account | None) -> None:
    """With the platform up: what was on its way arrives, people sign in."""
    report.found(await trial.signs_in(config, who))
    end = time.monotonic() + SETTLE_SECONDS
    everybody = await readers()
    found = await checks.facts(everybody, to)
    while not found.holds and time.monotonic() < end:
        await asyncio.sleep(0.5)
        found = await checks.facts(everybody, to)
    report.found(found, await checks.trails(names(), Keyring.load()))


async def readers() -> Sequence[Reader]:
    """Every workload with the topics it reads."""
    return [Reader(name, await _topics(name)) for name in names()]


async def _topics(name: str) -> frozenset[str]:
    async with runtime_of(name) as runtime:
        reactions = service_of(name).all_reactions(runtime)
    return frozenset(topic_of(one.fact.desc().type_name) for one in reactions)
