"""Printing: one child process a paper, one paper at a time, never inside a request."""

import asyncio
import json
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import kit
from kit.papers import Paper
from kit.plain import asdict

ROOT = Path(kit.__file__).parent.parent
PROGRAM = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from kit.press.child import main; main()"
COMMAND = (sys.executable, "-I", "-B", "-c", PROGRAM)
WALL_SECONDS = 30.0


class PrintingFailed(Exception):
    """A paper that could not be printed within the bounds; says nothing of what is in it."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper as files."""

    pdf: bytes
    docx: bytes


@dataclass(frozen=True, slots=True)
class Press:
    """Prints papers one after another."""

    free: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, paper: Paper, edition: str) -> Printed:
        """Both files of a paper; PrintingFailed beyond 30 s, 10 s of processor or 1 GB."""
        async with self.free:
            return await asyncio.to_thread(printed, paper, edition)


def printed(paper: Paper, edition: str) -> Printed:
    """What the child gives; it has no environment, no secrets and no folder of its own."""
    told = json.dumps({"paper": asdict(paper), "edition": edition}).encode()
    try:
        ended = subprocess.run(
            COMMAND, input=told, capture_output=True, env={}, cwd="/", timeout=WALL_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise PrintingFailed("too long") from error
    if ended.returncode:
        raise PrintingFailed(
            f"ended with {ended.returncode}: {ended.stderr[:40].decode('ascii', 'replace')}"
        )
    pdf, docx = struct.unpack(">II", ended.stdout[:8])
    files = ended.stdout[8:]
    if len(files) != pdf + docx:
        raise PrintingFailed("incomplete")
    return Printed(files[:pdf], files[pdf:])
