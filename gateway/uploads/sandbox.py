"""Files from strangers are looked into by a child process: 2 s of processor, 200 MB, no environment.

The child gets the file as its input and nothing else: no network names, no secrets, no folders.
"""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import gateway
from gateway.problems import HttpError, Problem
from gateway.uploads.inspection.refusals import damaged, too_complex
from kit.errors import Kind, Refusal, invalid
from kit.telemetry import span

log = logging.getLogger(__name__)
ROOT = Path(gateway.__file__).parent.parent
PROGRAM = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from gateway.uploads.inspection.child import main; main()"
COMMAND = (sys.executable, "-I", "-S", "-B", "-c", PROGRAM)
"""Neither site packages nor environment are read: the standard library and our own parsing."""
WALL_SECONDS = 8.0
WAIT_SECONDS = 20.0
EXPENSIVE = (signal.SIGXCPU, signal.SIGKILL, signal.SIGXFSZ)


@dataclass(frozen=True, slots=True)
class Found:
    """What a file is, and what is kept of it: the file itself or a cleaned copy."""

    media_type: str
    content: IO[bytes]
    size: int


@dataclass(frozen=True)
class Sandbox:
    """Looks into as many files at once as there are processors."""

    free: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(max(2, os.cpu_count() or 1))
    )

    async def look(self, content: IO[bytes], copy: IO[bytes]) -> Found:
        """The type, and the content to keep; `copy` takes a picture without its metadata.

        Raises HttpError 415, Refusal 422 for what is not kept, 503 when everything is busy.
        """
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self.free.acquire()
        except TimeoutError as error:
            raise busy() from error
        try:
            told = await asyncio.to_thread(run, content, copy)
        finally:
            self.free.release()
        return found_of(told, content, copy)


def run(content: IO[bytes], copy: IO[bytes]) -> Mapping[str, Any]:
    """What the child told; Refusal 422 for a file it could not cope with."""
    content.flush()
    content.seek(0)
    with span("uploads.inspect") as running:
        number = copy.fileno()
        try:
            ended = subprocess.run(
                (*COMMAND, str(number)), stdin=content, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, pass_fds=(number,), env={}, cwd="/",
                timeout=WALL_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise too_complex("文件过于复杂") from error
        told = answer_of(ended)
        running.set_attributes(
            {"upload.milliseconds": told["milliseconds"], "upload.peak": told["peak"]}
        )
        return told


def answer_of(ended: "subprocess.CompletedProcess[bytes]") -> Mapping[str, Any]:
    """The child's line; a child that was killed met something too large."""
    if -ended.returncode in EXPENSIVE:
        raise too_complex("文件过于复杂")
    told: Mapping[str, Any] = json.loads(ended.stdout) if ended.returncode == 0 else {}
    if "failed" in told or not told:
        log.error("inspection failed: %s", told.get("failed", ended.returncode))
        raise damaged("文件无法读取")
    return told


def found_of(told: Mapping[str, Any], content: IO[bytes], copy: IO[bytes]) -> Found:
    """What the child found, or the refusal it told."""
    if told.get("code") == "upload.type_refused":
        raise HttpError(Problem(415, "upload.type_refused", "文件类型不支持", told["detail"]))
    if "code" in told:
        raise invalid(told["code"], told["detail"])
    written = copy.seek(0, os.SEEK_END)
    kept = copy if written else content
    return Found(told["media_type"], kept, written or content.seek(0, os.SEEK_END))


def busy() -> Refusal:
    """503: come again."""
    return Refusal(Kind.UNAVAILABLE, "upload.busy", "正在处理的文件较多，请稍后再上传。")
