"""A base: the whole server copied while it works, by pg_basebackup."""

import os
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from kit.backup.folder import NAMED, Base, tell
from kit.embedded.postgres import superuser_password, wheel_bindir
from kit.embedded.sentences import StartError
from kit.settings import Settings

LABEL = "backup_label"


def take(config: Settings, folder: Path) -> Base:
    """Copy the running server into the folder. StartError with what the program said when it fails."""
    begun = datetime.now(UTC)
    target = folder / "base" / f"{begun:{NAMED}}"
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _copy(config, target)
    except StartError:
        shutil.rmtree(target, ignore_errors=True)
        raise
    size = sum(file.stat().st_size for file in target.iterdir())
    base = Base(target, begun, datetime.now(UTC), size, first_piece(target / "base.tar.gz"))
    tell(base)
    return base


def _copy(config: Settings, target: Path) -> None:
    program = (config.postgres_bindir or wheel_bindir()) / "pg_basebackup"
    server = ("-h", config.postgres_host, "-p", str(config.postgres_port), "-U", "postgres")
    given = ("-D", target, "--format=tar", "--gzip", "--wal-method=stream", "--checkpoint=fast")
    done = subprocess.run(
        [program, *server, *given, "--no-password"],
        env=os.environ | {"PGPASSWORD": superuser_password(config.secret_folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StartError(f"备份失败 the backup failed:\n{done.stdout.strip()}")


def first_piece(archive: Path) -> str:
    """Name of the first piece of the log a base needs, as its label says."""
    with tarfile.open(archive, "r|gz") as stream:
        for member in stream:
            file = stream.extractfile(member) if member.name == LABEL else None
            if file is not None:
                said = file.read().decode()
                return said.partition("(file ")[2].partition(")")[0]
    raise StartError(f"备份不完整 this is no base: {archive}")
