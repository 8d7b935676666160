"""Tokens as Keycloak makes them: RS256, claim `typ` Bearer, ID or Refresh, mapped claims."""

import base64
import hashlib
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from kit.embedded.issuer.realm import Client, Realm, User

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_SECONDS = 120


def signing_key(folder: Path) -> RSAKey:
    """The issuer's key, made at first start and kept."""
    file = folder / "issuer_key.pem"
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pem = RSAKey.generate_key(2048).as_pem(private=True)
        file.touch(mode=0o600)
        file.write_bytes(pem)
    return RSAKey.import_key(file.read_bytes())


@dataclass(frozen=True, slots=True)
class Login:
    """A person's single sign-on: who, since when, at what level."""

    session: str
    user: User
    since: int
    acr: str = "low"


@dataclass
class Tokens:
    """Makes and reads the issuer's tokens."""

    key: RSAKey
    realm: Realm
    issuer: str

    def public(self) -> dict[str, Any]:
        """The public key set."""
        key = dict(self.key.as_dict(private=False))
        return {"keys": [key | {"kid": self.key.thumbprint(), "use": "sig", "alg": "RS256"}]}

    def answer(
        self, client: Client, login: Login, scope: str, nonce: str, refresh: bool
    ) -> dict[str, Any]:
        """The answer of the token endpoint."""
        access = self.access(client, login, scope)
        found = {
            "access_token": access,
            "expires_in": self.realm.token_seconds,
            "refresh_expires_in": self.realm.idle_seconds if refresh else 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": scope,
        }
        if refresh:
            found["refresh_token"] = self._refresh(client, login, scope)
            found["session_state"] = login.session
        if "openid" in scope.split() and refresh:
            found["id_token"] = self._id(client, login, nonce, access)
        return found

    def access(self, client: Client, login: Login, scope: str) -> str:
        """An access token with the client's mapped claims."""
        claims = self._claims("Bearer", client, login, self.realm.token_seconds)
        claims |= {"scope": scope, "preferred_username": login.user.username}
        return self._sign(claims | self.mapped(client, login.user, "access.token.claim"))

    def _id(self, client: Client, login: Login, nonce: str, access: str) -> str:
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims = self._claims("ID", client, login, self.realm.token_seconds)
        claims |= {"aud": client.client_id, "preferred_username": login.user.username}
        claims["at_hash"] = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        if nonce:
            claims["nonce"] = nonce
        return self._sign(claims | self.mapped(client, login.user, "id.token.claim"))

    def _refresh(self, client: Client, login: Login, scope: str) -> str:
        claims = self._claims("Refresh", client, login, self.realm.idle_seconds)
        return self._sign(claims | {"aud": self.issuer, "scope": scope})

    def _claims(self, typ: str, client: Client, login: Login, seconds: int) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.issuer,
            "sub": login.user.account,
            "azp": client.client_id,
            "typ": typ,
            "iat": now,
            "exp": now + seconds,
            "jti": str(uuid.uuid4()),
            "sid": login.session,
            "acr": login.acr,
            "auth_time": login.since,
        }

    def mapped(self, client: Client, user: User, kind: str) -> dict[str, Any]:
        """Claims of the client's protocol mappers for one kind of token."""
        claims: dict[str, Any] = {}
        for mapper in client.mappers:
            config = mapper["config"]
            if config.get(kind) != "true":
                continue
            match mapper["protocolMapper"]:
                case "oidc-audience-mapper":
                    audience = config.get("included.client.audience")
                    custom = config.get("included.custom.audience")
                    claims.setdefault("aud", []).append(audience or custom)
                case "oidc-usermodel-attribute-mapper":
                    values = user.attributes.get(config["user.attribute"], ())
                    if values:
                        claims[config["claim.name"]] = values[0]
                case "oidc-full-name-mapper":
                    claims["name"] = user.name
                case "oidc-usermodel-realm-role-mapper":
                    claims[config["claim.name"]] = list(user.roles)
        return claims

    def read(self, token: str, typ: str) -> dict[str, Any] | None:
        """Claims of a live token of that kind; None for anything else."""
        try:
            keys = KeySet([self.key])
            claims: dict[str, Any] = jwt.decode(token, keys.keys[0], algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return None
        live = claims.get("exp", 0) > time.time()
        return (
            claims if live and claims.get("typ") == typ and claims["iss"] == self.issuer else None
        )

    def logout(self, client: Client, session: str, account: str) -> str:
        """A logout token (OpenID Connect Back-Channel Logout)."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": client.client_id,
            "sub": account,
            "sid": session,
            "typ": "Logout",
            "iat": now,
            "exp": now + LOGOUT_SECONDS,
            "jti": str(uuid.uuid4()),
            "events": {LOGOUT_EVENT: {}},
        }
        return self._sign(claims, "logout+jwt")

    def _sign(self, claims: dict[str, Any], typ: str = "JWT") -> str:
        header = {"alg": "RS256", "typ": typ, "kid": self.key.thumbprint()}
        return jwt.encode(header, claims, self.key)
