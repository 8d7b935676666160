"""`minzheng status`: what runs, what it weighs, what waits."""

import asyncio
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Annotated, Any

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from kit.backup.folder import last_backup, last_drill
from kit.database import connect
from kit.embedded.processes import same, weight, working_in
from kit.embedded.running import state_of_run
from kit.embedded.workloads import workloads
from kit.log.adapters import open_log
from kit.log.port import LogError
from kit.operations.status import Waits, waits
from kit.settings import settings

MEGABYTE = 1024 * 1024


def status_command(
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
) -> None:
    """Processes, versions, memory, outbox age, lag, parked facts.

    Example: `minzheng status --json | python -m json.tool`
    """
    found = asyncio.run(status())
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        show(found, Console())


async def status() -> dict[str, Any]:
    """Everything `minzheng status --json` prints; what cannot be asked is null."""
    processes = running()
    return {
        "parts": parts(),
        "versions": await versions(),
        "processes": processes,
        "pss_mb": round(sum(row["pss_mb"] for row in processes), 1),
        "backup": backup(),
        "workloads": await everyone(),
    }


async def everyone() -> dict[str, Any]:
    """What waits, by workload: asked of all at once, for a bus that stands still is waited for ten seconds."""
    names = [name for name in workloads() if name != "log"]
    return dict(zip(names, await asyncio.gather(*map(facts_of, names)), strict=True))


def backup() -> dict[str, Any] | None:
    """When the last backup and drill succeeded, and how far the archived log goes; null without any."""
    last, drill = last_backup(), last_drill()
    if last is None:
        return None
    archived = last.archived.isoformat() if last.archived else None
    copied = last.files.isoformat() if last.files else None
    told = {"at": last.at.isoformat(), "size": last.size, "log_up_to": archived, "files_at": copied}
    return told | {"sealed": last.sealed, "drill": drill.isoformat() if drill else None}


def parts() -> dict[str, str]:
    """Which parts are embedded and which are real: as the run was started, else by the settings."""
    config = settings()
    return state_of_run().get("parts") or {"events": config.events, "sign_on": config.sign_on}


def running() -> list[dict[str, Any]]:
    """Processes of the one-command run, with their proportional memory."""
    state = state_of_run()
    if not state:
        return []
    rows = [
        _process(row["name"], row["pid"], row["born"], row["restarts"])
        for row in state["processes"]
    ]
    own = _process("supervisor", state["pid"], state["born"], 0, alone=True)
    servers = working_in(settings().var / "postgres", "postgres")
    postmaster = min((p.pid for p in servers), default=0)
    return [own, *rows, {"name": "postgres", "pid": postmaster, "running": bool(postmaster), "restarts": state.get("database_restarts", 0), "pss_mb": megabytes(weight(postmaster))}]  # fmt: skip


def _process(
    name: str, pid: int, birth: float, restarts: int, *, alone: bool = False
) -> dict[str, Any]:
    lives = bool(same(pid, birth))
    size = weight(pid, alone=alone) if lives else 0
    return {
        "name": name,
        "pid": pid,
        "running": lives,
        "restarts": restarts,
        "pss_mb": megabytes(size),
    }


def megabytes(size: int) -> float:
    """Bytes in MB, one digit."""
    return round(size / MEGABYTE, 1)


async def versions() -> dict[str, str | None]:
    """Versions of the product and of what it stands on."""
    server = await ask("gateway", "SHOW server_version")
    return {
        "minzheng": version("minzheng"),
        "python": platform.python_version(),
        "postgres": server[0]["server_version"] if server else None,
    }


async def ask(workload: str, text: str) -> list[asyncpg.Record] | None:
    """Rows of a question to a workload's database; None when it does not answer."""
    try:
        connection = await connect(workload, "app")
    except (OSError, asyncpg.PostgresError):
        return None
    try:
        return list(await connection.fetch(text))
    finally:
        await connection.close()


async def facts_of(workload: str) -> dict[str, Any] | None:
    """What waits to go out, what lags coming in, what is parked."""
    found = await asked(workload)
    if found is None:
        return None
    return {
        "outbox_unpublished": found.unpublished,
        "outbox_oldest_seconds": round(found.oldest, 1),
        "parked": found.parked,
        "lag": await lag(workload),
        "audit_unsealed_seconds": round(found.unsealed, 1),
    }


async def asked(workload: str) -> Waits | None:
    """What waits in a workload's database; None when it does not answer."""
    try:
        connection = await connect(workload, "app")
    except (OSError, asyncpg.PostgresError):
        return None
    try:
        return await waits(connection)
    finally:
        await connection.close()


async def lag(group: str) -> Mapping[str, int] | None:
    """Records not yet consumed, by topic."""
    try:
        log = await open_log(settings().model_copy(update=parts()))
    except LogError:
        return None
    try:
        return await log.lag(group)
    except LogError:
        return None
    finally:
        await log.close()


def told_of(kept: Mapping[str, Any] | None) -> str:
    """The last backup in a line."""
    if kept is None:
        return "备份 backup: none"
    told = (
        f"备份 backup {kept['at']} · log up to {kept['log_up_to']} · files at {kept['files_at']}"
        f" · drill {kept['drill']}"
    )
    return told if kept["sealed"] else f"{told} · [red]未加密 NOT SEALED[/]: minzheng backup-key"


def show(found: Mapping[str, Any], console: Console) -> None:
    """The tables for a person."""
    processes = Table(title="进程 processes")
    for column in ("name", "pid", "running", "restarts", "PSS MB"):
        processes.add_column(column)
    for row in found["processes"]:
        processes.add_row(row["name"], str(row["pid"]), "yes" if row["running"] else "[red]no", str(row["restarts"]), str(row["pss_mb"]))  # fmt: skip
    console.print(processes if found["processes"] else "平台未运行 not running: minzheng up")
    console.print(" · ".join(f"{part} {kind}" for part, kind in found["parts"].items()))
    console.print(
        f"PSS {found['pss_mb']} MB · "
        + " · ".join(f"{k} {v}" for k, v in found["versions"].items())
    )
    console.print(told_of(found["backup"]))
    waits = Table(title="事件 facts")
    for column in ("workload", "unpublished", "oldest s", "lag", "parked", "unsealed s"):
        waits.add_column(column)
    for name, row in found["workloads"].items():
        cells = [str(row[key]) for key in ("outbox_unpublished", "outbox_oldest_seconds", "lag", "parked", "audit_unsealed_seconds")] if row else ["?"] * 5  # fmt: skip
        waits.add_row(name, *cells)
    console.print(waits)
