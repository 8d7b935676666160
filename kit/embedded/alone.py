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
    descriptor = _held(var)
    try:
        yield
    finally:
        os.ftruncate(descriptor, 0)
        os.close(descriptor)


def alone_for_good(var: Path) -> None:
    """Hold it until this process ends, also as the program that it becomes; StartError as above."""
    os.set_inheritable(_held(var), True)


def _held(var: Path) -> int:
    """Descriptor of the locked file, which names this process."""
    var.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(var / "minzheng.pid", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        pid = (var / "minzheng.pid").read_text()
        raise StartError(
            f"平台已在运行(进程 {pid})，请先停止它，或用 MINZHENG_VAR 另选数据目录。\n"
            f"The platform already runs (process {pid}); stop it first, "
            "or choose another folder with MINZHENG_VAR."
        ) from error
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor
