"""Who the calling client is, by Basic or form; errors as Keycloak names them."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse

from kit.embedded.issuer.realm import Client, Realm

NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


class OAuthError(Exception):
    """An answer of RFC 6749: status, error, description."""

    def __init__(self, status: int, error: str, description: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description

    def response(self) -> JSONResponse:
        """The answer."""
        body = {"error": self.error, "error_description": self.description or self.error}
        return JSONResponse(body, self.status, headers=NO_STORE)


def authenticate(realm: Realm, request: Request, form: Mapping[str, str]) -> Client:
    """The client of a call; OAuthError 401 for an unknown one or a wrong secret."""
    client_id, secret = _basic(request) or (
        form.get("client_id", ""),
        form.get("client_secret", ""),
    )
    client = realm.clients.get(client_id)
    if client is None:
        raise OAuthError(401, "invalid_client", "Invalid client or Invalid client credentials")
    if not client.public and not client.knows(secret):
        raise OAuthError(401, "unauthorized_client", "Invalid client or Invalid client credentials")
    return client


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote(user), unquote(secret)
