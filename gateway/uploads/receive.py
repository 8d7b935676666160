"""The body of an upload: counted as it arrives, never held in memory, never waited for without end."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from starlette.requests import Request

from gateway.problems import HttpError, Problem
from gateway.transcoding.bodies import int_or_zero
from kit.errors import Kind, Refusal, invalid

LIMIT = 20 * 1024 * 1024
"""Bytes of a file."""
READ_SECONDS = 300.0
IDLE_SECONDS = 15.0
"""Seconds for the whole body, and between two pieces of it."""
AT_ONCE, EACH = 64, 4
"""Uploads under way: in all, and of one account."""

TOO_LARGE = Problem(413, "upload.too_large", "文件过大", "文件不得超过 20 MB。")
TOO_SLOW = Problem(408, "upload.too_slow", "上传超时", "文件没有在规定时间内送达，请重试。")


@dataclass(frozen=True, slots=True)
class Slots:
    """Uploads under way, by account."""

    taken: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def taking(self, account: str) -> Iterator[None]:
        """A place for one upload; Refusal 429 when all, or this account's, are taken."""
        if self.taken[account] >= EACH or self.taken.total() >= AT_ONCE:
            raise Refusal(
                Kind.EXHAUSTED, "upload.too_many", "同时上传的文件过多，请等前面的文件传完。"
            )
        self.taken[account] += 1
        try:
            yield
        finally:
            self.taken[account] -= 1
            if not self.taken[account]:
                del self.taken[account]


async def receive_file(request: Request, content: IO[bytes]) -> None:
    """Write the body. HttpError 413 at the first byte too many, 408; Refusal 422 for an empty one."""
    if int_or_zero(request.headers.get("content-length")) > LIMIT:
        raise HttpError(TOO_LARGE)
    size = 0
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in pieces(request):
                size += len(chunk)
                if size > LIMIT:
                    raise HttpError(TOO_LARGE)
                content.write(chunk)
    except TimeoutError as error:
        raise HttpError(TOO_SLOW) from error
    expect_size(size)


def expect_size(size: int) -> None:
    """HttpError 413 for a file beyond the limit, Refusal 422 for an empty one."""
    if size > LIMIT:
        raise HttpError(TOO_LARGE)
    if not size:
        raise invalid("upload.empty", "文件是空的。")


async def pieces(request: Request) -> AsyncIterator[bytes]:
    """The body's pieces; TimeoutError when the next one does not come."""
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        yield chunk
