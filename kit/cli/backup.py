"""`minzheng backup`: a base of the whole server, its files, and nothing older than it must be."""

from pathlib import Path
from typing import Annotated

import typer

from kit.backup import base, files
from kit.backup.folder import place, prune
from kit.backup.seal import CERTIFICATE, PRIVATE, make_pair
from kit.settings import settings

MEGABYTE = 1_000_000


def backup(
    keep: Annotated[int | None, typer.Option(help="days; MINZHENG_BACKUP_DAYS otherwise")] = None,
    only_files: Annotated[
        bool, typer.Option("--only-files", help="no base, only the files that the backup lacks")
    ] = False,
) -> None:
    """Copy the whole database server and the files into the backup folder while people work.

    Once a day, e.g. by cron, and every few minutes with `--only-files`: between two bases the
    server archives every piece of its log there, after 60 s at most, but no files. Keys and
    checkpoints of the audit trail are not in it: keep copies of `secrets` and `checkpoints` apart.
    Example: `MINZHENG_BACKUP=/mnt/backup minzheng backup`
    """
    config, folder = settings(), place()
    days = config.backup_days if keep is None else keep
    made = None if only_files else base.take(config, folder)
    copied = files.mirror(config.var / "files", folder, days)
    if made is None:
        typer.echo(f"已复制 {copied} 个文件 files copied")
        return
    gone = prune(folder, days)
    seconds = (made.ended - made.begun).total_seconds()
    typer.echo(
        f"已备份 {made.folder}: {made.size / MEGABYTE:.1f} MB, {seconds:.1f} s,"
        f" {copied} files copied, {gone} old bases removed"
    )


def backup_key(
    folder: Annotated[Path, typer.Argument(help="where both files are made; none is overwritten")],
) -> None:
    """Make the pair that backups are sealed with: a certificate for the server, a key for restores.

    Example: `minzheng backup-key /media/key`
    """
    make_pair(folder)
    typer.echo(
        f"{folder / CERTIFICATE}: 不是秘密。放在服务器上，把 MINZHENG_BACKUP_SEAL 设为其路径，重新启动平台，"
        "再运行 minzheng backup。\n"
        "  No secret: put it on the server, set MINZHENG_BACKUP_SEAL to it, start the platform again and"
        " run `minzheng backup`.\n"
        f"{folder / PRIVATE}: 只用于恢复。移出本机，由其他人分两处保管；丢失后，任何备份都无法读取。\n"
        "  For restores only: take it off this machine, two copies in other hands; without it nobody"
        " reads any backup."
    )
