"""PostgreSQL refuses to run as root: as whom it runs instead.

Root becomes `nobody` where that account can reach the folders, otherwise an ordinary user of a
user namespace. A data folder keeps the owner it was made with.
"""

import ctypes
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.embedded.sentences import StartError

NOBODY = 65534
NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Account:
    """As whom server programs run: a prefix of the command line and the owner of their files."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None

    def own(self, path: Path) -> None:
        """Give a file or folder to the account."""
        if self.uid is not None:
            os.chown(path, self.uid, self.uid)

    def options(self) -> dict[str, Any]:
        """Arguments for subprocess."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.uid, "extra_groups": []}


def account_for(data: Path, programs: Path) -> Account:
    """The account for this data folder; StartError when root has no way to step down."""
    if os.geteuid() != 0:
        return Account()
    made = (data / "PG_VERSION").exists()
    owner = data.stat().st_uid if made else NOBODY
    if owner != 0 and (made or all(reachable(path) for path in (data.parent, programs))):
        return Account(uid=owner)
    if _namespaces_work():
        return Account(prefix=NAMESPACE)
    raise StartError(
        "PostgreSQL 不能以 root 身份运行，且本机不允许用户命名空间：请改用普通用户启动，"
        "或把 MINZHENG_VAR 设为所有人可进入的目录。\n"
        "PostgreSQL cannot run as root here: start as an ordinary user, or set MINZHENG_VAR to a "
        "folder that everybody may enter."
    )


def reachable(path: Path) -> bool:
    """Whether every account may enter the folder."""
    resolved = path.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (resolved, *resolved.parents))


def _namespaces_work() -> bool:
    if not shutil.which(NAMESPACE[0]):
        return False
    tried = subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False)
    return tried.returncode == 0


def die_with_parent(number: int) -> None:
    """Ask the kernel for a signal to this process when the thread that started it ends."""
    _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def prepare_child(number: int | None) -> Callable[[], None]:
    """What a started program does first: take all signals again, and follow its parent."""

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if number is not None:
            die_with_parent(number)

    return prepare


def run(account: Account, command: Sequence[str | Path], **options: Any) -> str:
    """Run a program as the account; its output. StartError with that output when it fails."""
    done: subprocess.CompletedProcess[str] = subprocess.run(
        [*account.prefix, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **account.options(),
        **options,
    )
    if done.returncode:
        raise StartError(f"{Path(command[0]).name} 失败 / failed:\n{done.stdout.strip()}")
    return done.stdout
