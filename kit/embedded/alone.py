"""One supervisor for one data folder: a locked pid file that a kill cannot leave locked."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from kit.embedded.sentences import StartError


@contextlib.contextmanager
def alone(var: Path) -> Iterator[None]:
    """Hold `var/minzheng.pid`; StartError naming the process that holds it.

    The lock is the process's own (forked children do not inherit it), so it ends with the process.
    """
    var.mkdir(parents=True, exist_ok=True)
    with (var / "minzheng.pid").open("a+") as file:
        _lock(file.fileno(), var)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def alone_for_good(var: Path) -> None:
    """Hold it until this process ends, also as the program that it becomes; StartError as above."""
    var.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(var / "minzheng.pid", os.O_RDWR | os.O_CREAT, 0o600)
    _lock(descriptor, var)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    os.set_inheritable(descriptor, True)


def _lock(descriptor: int, var: Path) -> None:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        pid = (var / "minzheng.pid").read_text()
        raise StartError(
            f"平台已在运行(进程 {pid})，请先停止它，或用 MINZHENG_VAR 另选数据目录。\n"
            f"The platform already runs (process {pid}); stop it first, "
            "or choose another folder with MINZHENG_VAR."
        ) from error
