"""The last part of a drain: background work ends by itself, but not for as long as it likes."""

import asyncio
import logging
from collections.abc import Collection

log = logging.getLogger(__name__)
REST_SECONDS = 8.0
"""Beside 8 s of leaving the endpoint and 20 s for calls this leaves room in the 45 s of a pod."""


async def ended(tasks: Collection["asyncio.Task[None]"], seconds: float = REST_SECONDS) -> None:
    """Return when all have ended; what has not by then is cut off, and its number is logged."""
    if not tasks:
        return
    _, left = await asyncio.wait(tasks, timeout=seconds)
    if left:
        log.warning("%d background tasks cut off after %g s", len(left), seconds)
    for task in left:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
