"""The secret that the gateway shares with the embedded sign-on, as its realm file has it."""

from kit.embedded.issuer.realm import read_realm
from kit.embedded.secrets import replace
from kit.settings import Settings


def lend_client_secret(config: Settings) -> None:
    """Write the secret file `sign_on_client_secret`; KeyError for a client the realm does not have."""
    client = read_realm(config.realm_file).clients[config.sign_on_client]
    replace(config.secret_folder / "sign_on_client_secret", client.secret.encode())
