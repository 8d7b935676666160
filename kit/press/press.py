"""Printing: a child process for a few papers, one at a time, never inside a request."""

import asyncio
import io
import json
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import kit
from kit.papers import Paper
from kit.plain import asdict

ROOT = Path(kit.__file__).parent.parent
PROGRAM = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from kit.press.child import main; main()"
COMMAND = (sys.executable, "-I", "-B", "-c", PROGRAM)
WALL_SECONDS = 120.0


class PrintingFailed(Exception):
    """A paper that could not be printed within the bounds; says nothing of what is in it."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper as files."""

    pdf: bytes
    docx: bytes


Ordered = tuple[Paper, str]
"""A paper and its edition."""


@dataclass(frozen=True, slots=True)
class Press:
    """Prints a few papers at a time."""

    free: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, papers: Sequence[Ordered]) -> list[Printed | PrintingFailed]:
        """Both files of each paper, or why it has none; all fail beyond 2 min, 10 s of processor or 1 GB."""
        async with self.free:
            try:
                return await asyncio.to_thread(print_all, papers)
            except PrintingFailed as failed:
                return [failed for _ in papers]


def print_all(papers: Sequence[Ordered]) -> list[Printed | PrintingFailed]:
    """What the child gives; it has no environment, no secrets and no folder of its own."""
    told = [{"paper": asdict(paper), "edition": edition} for paper, edition in papers]
    try:
        ended = subprocess.run(
            COMMAND,
            input=json.dumps(told).encode(),
            capture_output=True,
            env={},
            cwd="/",
            timeout=WALL_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise PrintingFailed("too long") from error
    if ended.returncode:
        raise PrintingFailed(f"ended with {ended.returncode}")
    out = io.BytesIO(ended.stdout)
    return [_one(out) for _ in papers]


def _one(out: io.BytesIO) -> Printed | PrintingFailed:
    pdf, docx = struct.unpack(">II", out.read(8))
    made = Printed(out.read(pdf), out.read(docx))
    return made if pdf else PrintingFailed(made.docx.decode())


def printed(paper: Paper, edition: str) -> Printed:
    """One paper, now. Raises PrintingFailed."""
    (made,) = print_all([(paper, edition)])
    if isinstance(made, PrintingFailed):
        raise made
    return made
