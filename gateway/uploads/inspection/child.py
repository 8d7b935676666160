"""The child process: limits itself, reads the file on its standard input, answers in one line."""

import json
import mmap
import os
import resource
import sys

from gateway.uploads.inspection import inspect
from gateway.uploads.inspection.refusals import too_complex
from kit.errors import Refusal

MAX_MEMORY = 200 * 1024 * 1024
MAX_SECONDS = 2
MAX_WRITTEN = 24 * 1024 * 1024


def limit() -> None:
    """200 MB, 2 s of processor, no new process, no file but those given."""
    for what, most in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, MAX_SECONDS),
        (resource.RLIMIT_FSIZE, MAX_WRITTEN),
        (resource.RLIMIT_NOFILE, 8),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def look(copy_number: int) -> dict[str, str]:
    """What the file is, or why it is refused; a picture is written to the descriptor given."""
    try:
        with (
            mmap.mmap(0, 0, access=mmap.ACCESS_READ) as content,
            os.fdopen(copy_number, "wb", buffering=1024 * 1024) as copy,
        ):
            return {"media_type": inspect(content, copy.write)}
    except Refusal as refusal:
        return told(refusal)
    except MemoryError:
        return told(too_complex("文件过于复杂"))
    except Exception as error:
        return {"failed": type(error).__name__}


def told(refusal: Refusal) -> dict[str, str]:
    """A refusal as the parent reads it."""
    return {"code": refusal.code, "detail": refusal.detail}


def used() -> dict[str, int]:
    """Milliseconds of processor and the most memory at once, in bytes."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    with open("/proc/self/status", encoding="ascii") as status:
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    return {
        "milliseconds": round(1000 * (spent.ru_utime + spent.ru_stime)),
        "peak": int(peak) * 1024,
    }


def main() -> None:
    """Look and tell."""
    limit()
    sys.stdout.write(json.dumps(look(int(sys.argv[1])) | used()))
