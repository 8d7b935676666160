"""The certificate of HTTP, where the settings name one: renewed files are shown from the next connection on."""

import asyncio
import logging
import ssl
from pathlib import Path

from kit.doors import CERTIFICATE, KEY, age
from kit.log.session import pause
from kit.settings import settings

LOOK_SECONDS = 2.0
log = logging.getLogger(__name__)


def files() -> tuple[Path, Path] | tuple[None, None]:
    """Certificate and key; none where HTTP is not encrypted here."""
    folder = settings().tls
    return (folder / CERTIFICATE, folder / KEY) if folder else (None, None)


async def follow(context: ssl.SSLContext, stop: asyncio.Event) -> None:
    """Take up renewed files every 2 s, until `stop`; what cannot be read leaves what is shown."""
    seen = age(settings().tls)
    while not stop.is_set():
        await pause(stop, LOOK_SECONDS)
        try:
            now = age(settings().tls)
            if now != seen:
                context.load_cert_chain(*files())
                seen = now
        except (OSError, ssl.SSLError) as error:
            log.warning("the certificate cannot be read now: %s", type(error).__name__)
