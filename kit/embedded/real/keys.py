"""The public keys of the sign-on in a file, for the broker: it does not start while a URL of keys fails.

A key that the sign-on withdrew is out of the file at the next look, and refused from then on.
"""

import json
import time
from pathlib import Path
from typing import Any

import httpx

from kit.embedded import ready

LOOK_SECONDS = 5.0
AGAIN_SECONDS = 0.5


def keep(issuer: str, file: Path) -> None:
    """Copy the keys into the file for good; what cannot be reached is asked again."""
    known, away = "", False
    client = httpx.Client(timeout=LOOK_SECONDS, trust_env=False)
    while True:
        try:
            found = json.dumps(signing(client, issuer))
        except (httpx.HTTPError, ValueError) as error:
            if not away:
                print(f"waiting for the sign-on: {type(error).__name__}", flush=True)
            away = True
            time.sleep(AGAIN_SECONDS if not known else LOOK_SECONDS)
            continue
        away = False
        if found != known:
            write(file, found)
            known = found
            ready.notify()
        time.sleep(LOOK_SECONDS)


def signing(client: httpx.Client, issuer: str) -> dict[str, Any]:
    """The keys that tokens are signed with; Keycloak publishes one for encryption beside them."""
    answer = client.get(f"{issuer}/protocol/openid-connect/certs")
    answer.raise_for_status()
    return {"keys": [key for key in answer.json()["keys"] if key.get("use") == "sig"]}


def write(file: Path, text: str) -> None:
    """Replace the file in one step: whoever reads it sees the old keys or the new ones."""
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(file)
