"""What the gateway's process takes of uploads: routes, calls that carry receipts, the cleaning."""

import json

from joserfc.jwk import ECKey, KeySet
from starlette.routing import Route

from gateway.calling import Calls
from gateway.uploads.download import Downloads
from gateway.uploads.files import Files
from gateway.uploads.offering import Offering
from gateway.uploads.route import Account, Uploads
from gateway.uploads.scanner import chosen
from kit.settings import settings
from kit.timers import Timer

CLEAN_SECONDS, SEAL_SECONDS = 300.0, 3600.0


def uploads_of(account: Account, files: Files) -> Uploads:
    """What takes uploads. Reads the secret file internal_key.pem."""
    config = settings()
    key = ECKey.import_key(config.secret("internal_key.pem"))
    return Uploads(account, files, key, chosen(config))


def upload_routes(uploads: Uploads, files: Files) -> list[Route]:
    """Upload and download; go before `api_routes`."""
    return [
        Route("/api/v1/uploads", uploads),
        Route("/api/v1/files/{file_id}", Downloads(uploads.account, files)),
    ]


def offering(calls: Calls, files: Files) -> Offering:
    """The services behind it. Reads the secret file internal_keys.json."""
    keys = KeySet.import_key_set(json.loads(settings().secret("internal_keys.json")))
    return Offering(calls, files, keys)


def tending(files: Files) -> tuple[Timer, Timer]:
    """Removes what was never offered; seals what came before files were sealed."""
    return (
        Timer("gateway.uploads", files.clean, CLEAN_SECONDS),
        Timer("gateway.uploads_sealed", files.seal_plain, SEAL_SECONDS),
    )
