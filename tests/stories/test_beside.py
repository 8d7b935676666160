"""The demo on a platform that only a command reaches."""

import shlex
import subprocess
import sys
from datetime import date

import pytest

from gateway.demo.beside import Here, beside

SCRIPT = """import sys
if sys.argv[1:] == ["clock", "show"]: print("note\\n2026-11-30")
elif sys.argv[1:2] == ["trace"]: print("GET /\\n  below")
else: sys.exit("refused")"""


def test_it_is_here_unless_a_command_is_named() -> None:
    assert isinstance(beside(""), Here)


async def test_the_command_reads_the_clock_and_the_traces() -> None:
    there = beside(shlex.join((sys.executable, "-c", SCRIPT)))
    assert await there.today() == date(2026, 11, 30)
    assert there.trace("a") == ["GET /", "  below"]
    await there.advance(0)
    with pytest.raises(subprocess.CalledProcessError):
        await there.advance(2)
