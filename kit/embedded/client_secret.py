"""Secrets of the sign-on's clients: the gateway's own, and those that a realm file leaves open."""

import os
import re
from collections.abc import Mapping

from kit.embedded.issuer.realm import filled
from kit.embedded.postgres import secret_file
from kit.embedded.secrets import replace
from kit.settings import Settings

OPEN = re.compile(r"\$\{MINZHENG_SECRET_(\w+)\}")


def client_secrets(config: Settings) -> Mapping[str, str]:
    """Secrets for the placeholders `MINZHENG_SECRET_…` of the realm file, from files `client_…`.

    What the environment says goes before; a missing file is made.
    """
    names = sorted(set(OPEN.findall(config.realm_file.read_text(encoding="utf-8"))))
    said = {f"MINZHENG_SECRET_{name}": f"client_{name.lower()}" for name in names}
    folder = config.secret_folder
    return {key: os.environ.get(key) or secret_file(folder, file) for key, file in said.items()}


def lend_client_secret(config: Settings) -> None:
    """Write the secret file `sign_on_client_secret`; KeyError for a client the realm does not have."""
    realm = filled(config.realm_file, {**os.environ, **client_secrets(config)})
    secrets = {
        client["clientId"]: client["secret"] for client in realm["clients"] if "secret" in client
    }
    replace(config.secret_folder / "sign_on_client_secret", secrets[config.sign_on_client].encode())
