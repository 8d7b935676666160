"""`minzheng keys`: which key encrypts what; a new key, everything brought under it, the old one destroyed."""

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from kit.cli import signing
from kit.cli.operator import names, record, service_of
from kit.database import owner_of
from kit.embedded.secrets import destroy_key, make_key, use_key
from kit.rotation import REQUESTS, Sealed, counts, digests, reseal, waiting
from kit.secrets import IN_USE, LOOK_SECONDS, Keyring
from kit.settings import settings

if TYPE_CHECKING:
    from kit.database import Connection

app = typer.Typer(
    help="Keys of encrypted fields, blind indexes and the audit trail. `rotate` makes a new key and"
    " brings every cell under it while the platform runs; `retire` destroys the old one once nothing"
    " needs it. Audit keys stay: the rows they signed are never written again.",
    no_args_is_help=True,
)
app.command("rotate-signing")(signing.rotate)
app.command("retire-signing")(signing.retire)
Kind = Annotated[Literal["field", "index", "audit"], typer.Argument(help="what the key is for")]
PATIENCE = 3 * LOOK_SECONDS
"""Seconds after which a row that still waits is taken for one that cannot be opened."""
LAST = 255
"""A cell has one byte for the id."""


@app.command("status")
def status_command() -> None:
    """How many values stand under each key, and how many rows wait for the keys in use.

    Example: `minzheng keys status`
    """
    keyring, console = Keyring.load(), Console()
    for kind in ("field", "index", "audit"):
        known = ", ".join(map(str, sorted(keyring.keys(kind))))
        console.print(f"{kind}: keys {known}; in use {keyring.used(kind)}")
    table = Table("column", "key", "values", "rows waiting")
    for row in asyncio.run(_status(keyring)):
        table.add_row(*map(str, row))
    console.print(table)


async def _status(keyring: Keyring) -> list[tuple[str, int, int, int]]:
    found = []
    for name in names():
        async with owner_of(name) as connection:
            for sealed in _sealed(name):
                left = await waiting(connection, sealed, keyring)
                for (column, key_id), count in sorted((await counts(connection, sealed)).items()):
                    found.append((f"{name}: {sealed.table}.{column}", key_id, count, left))
    return found


@app.command("rotate")
def rotate_command(kind: Kind) -> None:
    """Make a new key, use it, and bring everything under it. Processes pick it up by themselves.

    Where secrets come from a store of their own, do it there in two steps and run `reseal`:
    first the new file in every process, then its id in `keys_in_use`.
    Example: `minzheng keys rotate field`
    """
    keyring, folder = Keyring.load(), settings().secret_folder
    key_id = max(keyring.keys(kind)) + 1
    if key_id > LAST:
        _refuse("编号已用完 no id is left")
    make_key(folder, kind, key_id)
    use_key(folder, kind, key_id)
    record("rotate_key", f"{kind}_key_{key_id}")
    typer.echo(f"{kind}_key_{key_id} 已启用 in use")
    if kind != "audit":
        # Every process has looked at the files once more before the rows are walked.
        time.sleep(LOOK_SECONDS)
        _reseal()


@app.command("reseal")
def reseal_command() -> None:
    """Bring every row under the keys in use, while the platform runs; repeated, it goes on.

    Ends with 1 where a row cannot be opened: its key stays needed.
    Example: `minzheng keys reseal`
    """
    _reseal()


def _reseal() -> None:
    done, left = asyncio.run(_all())
    typer.echo(f"{done} 行已换钥 rows resealed, {left} 行未换 rows left")
    if left:
        sys.exit(1)


async def _all() -> tuple[int, int]:
    """All tables of all workloads; answers the rows moved and those that could not be."""
    keyring, done, left = Keyring.load(), 0, 0
    for name in names():
        async with owner_of(name) as connection:
            for sealed in _sealed(name):
                done += await _through(connection, sealed, keyring)
                left += await waiting(connection, sealed, keyring)
    return done, left


async def _through(connection: "Connection", sealed: Sealed, keyring: Keyring) -> int:
    """Passes until nothing waits; what cannot be opened is given up after a while."""
    done, end = 0, time.monotonic() + PATIENCE
    while True:
        moved = await reseal(connection, sealed, keyring)
        done += moved
        late = time.monotonic() > end and not moved
        if late or not await waiting(connection, sealed, keyring):
            return done
        await asyncio.sleep(0.2)


@app.command("retire")
def retire_command(
    kind: Kind,
    key_id: Annotated[int, typer.Argument(help="id of the old key")],
    settled: Annotated[
        int, typer.Option(help="seconds for which another key must have been in use", min=0)
    ] = 3600,
) -> None:
    """Destroy an old key; refused while a cell, an index or a kept request needs it.

    Backups made before hold cells under it: wait until the last of them is gone, or keep the key
    with them. Example: `minzheng keys retire field 1`
    """
    keyring, folder = Keyring.load(), settings().secret_folder
    if kind == "audit" or key_id == keyring.used(kind) or key_id not in keyring.keys(kind):
        _refuse("该密钥在用、须保留或不存在 this key is in use, must stay, or is none")
    if time.time() - (folder / IN_USE).stat().st_mtime < settled:
        _refuse("新密钥启用时间太短 the new key has not been in use long enough")
    if needs := asyncio.run(_needs(keyring, kind, key_id)):
        _refuse(f"仍有{needs}处数据需要该密钥 {needs} rows still need it")
    destroy_key(folder, kind, key_id)
    record("retire_key", f"{kind}_key_{key_id}")
    typer.echo(f"{kind}_key_{key_id} 已销毁 destroyed")


async def _needs(keyring: Keyring, kind: str, key_id: int) -> int:
    found = 0
    for name in names():
        async with owner_of(name) as connection:
            if kind == "index":
                found += await digests(connection, key_id)
            for sealed in _sealed(name):
                found += await waiting(connection, sealed, keyring)
    return found


def _sealed(workload: str) -> tuple[Sealed, ...]:
    return (REQUESTS, *service_of(workload).sealed)


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(1)
