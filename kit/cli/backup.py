"""`minzheng backup`: a base of the whole server, its files, and nothing older than it must be."""

from typing import Annotated

import typer

from kit.backup import base, files
from kit.backup.folder import place, prune
from kit.settings import settings

MEGABYTE = 1_000_000


def backup(
    keep: Annotated[int | None, typer.Option(help="days; MINZHENG_BACKUP_DAYS otherwise")] = None,
) -> None:
    """Copy the whole database server and the files into the backup folder while people work.

    Once a day, e.g. by cron. Between two of them the server archives every piece of its log there,
    after 60 s at most. Keys and checkpoints of the audit trail are not in it: keep copies of
    `secrets` and `checkpoints` apart. Example: `MINZHENG_BACKUP=/mnt/backup minzheng backup`
    """
    config, folder = settings(), place()
    days = config.backup_days if keep is None else keep
    made = base.take(config, folder)
    copied = files.mirror(config.var / "files", folder, days)
    gone = prune(folder, days)
    seconds = (made.ended - made.begun).total_seconds()
    typer.echo(
        f"已备份 {made.folder}: {made.size / MEGABYTE:.1f} MB, {seconds:.1f} s,"
        f" {copied} files copied, {gone} old bases removed"
    )
