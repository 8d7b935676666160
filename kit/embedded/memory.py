"""How much memory the embedded PostgreSQL keeps pages in."""

import os
from collections.abc import Iterable
from pathlib import Path

MB = 1024 * 1024
SHARE, LEAST, MOST = 16, 64, 1024
"""A part of the machine's memory, and bounds in MB: everything else runs on the same machine."""
LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Where a container finds its limit, by the two versions of control groups."""


def buffers(limits: Iterable[Path] = LIMITS) -> str:
    """PostgreSQL's `shared_buffers`: of memory it takes what it has read, not what it may take."""
    return f"{min(max(memory(limits) // SHARE // MB, LEAST), MOST)}MB"


def memory(limits: Iterable[Path] = LIMITS) -> int:
    """Octets that this machine has, or this container may use."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min((whole, *(int(text) for text in map(_limit, limits) if text.isdigit())))


def _limit(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
