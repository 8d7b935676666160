"""Processes of this machine: who works in a folder, what they weigh, how they are ended."""

from collections.abc import Iterable
from pathlib import Path

import psutil  # type: ignore[import-untyped]


def working_in(folder: Path, name: str) -> list[psutil.Process]:
    """Processes of that name whose working folder it is."""
    return [one for one in psutil.process_iter(["name"]) if _works_in(one, folder, name)]


def _works_in(process: psutil.Process, folder: Path, name: str) -> bool:
    try:
        return process.info["name"] == name and Path(process.cwd()) == folder.resolve()
    except (psutil.Error, OSError):
        return False


def born(pid: int) -> float:
    """When a process was born (seconds since the epoch); 0 when there is none."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0


def same(pid: int, birth: float) -> list[psutil.Process]:
    """The living process with that id and birth; a recycled id is somebody else, a zombie nobody."""
    try:
        found = psutil.Process(pid)
        lives = abs(found.create_time() - birth) < 1 and found.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return []
    return [found] if lives else []


def end(processes: Iterable[psutil.Process], number: int, *, patience: float) -> None:
    """Send a signal to all, and SIGKILL to those still there after `patience` seconds."""
    left = list(processes)
    for process in left:
        _signal(process, number)
    for process in psutil.wait_procs(left, timeout=patience)[1]:
        _signal(process, 9)
    psutil.wait_procs(left, timeout=patience)


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    try:
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.Error:
        return []


def weight(pid: int, *, alone: bool = False) -> int:
    """Proportional set size in bytes of a process with its descendants, or alone; 0 when not readable."""
    return sum(_pss(one) for one in ((pid,) if alone else family(pid)))


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
