"""The realm file: clients, users and what their tokens say."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hmac import compare_digest
from pathlib import Path
from typing import Any

from kit.embedded.issuer.factors import Factors, secret_of

_PLACEHOLDER = re.compile(r"\$\{([\w,]+)(?::([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the realm."""

    client_id: str
    public: bool
    secret: str
    redirect_uris: tuple[str, ...]
    logout_uris: tuple[str, ...]
    standard_flow: bool
    service_account: bool
    mappers: tuple[Mapping[str, Any], ...]
    logout_url: str
    """Told of ended single sign-ons (back-channel); empty for none."""

    def allows(self, redirect_uri: str) -> bool:
        """The URI is one of the registered ones (a final `*` matches any rest)."""
        return any(fnmatchcase(redirect_uri, pattern) for pattern in self.redirect_uris)

    def allows_logout(self, redirect_uri: str) -> bool:
        """The URI may be gone to after logout."""
        return any(fnmatchcase(redirect_uri, pattern) for pattern in self.logout_uris)

    def knows(self, secret: str) -> bool:
        """The secret is the client's."""
        return bool(self.secret) and compare_digest(self.secret.encode(), secret.encode())


@dataclass(frozen=True, slots=True)
class User:
    """A person, or a client's service account."""

    account: str
    username: str
    password: str
    name: str
    attributes: Mapping[str, tuple[str, ...]]
    roles: tuple[str, ...]
    client_id: str = ""
    otp: bytes = b""
    """Key of the one-time codes; empty without."""


@dataclass(frozen=True, slots=True)
class Realm:
    """What the issuer needs of the realm file."""

    name: str
    title: str
    token_seconds: int
    code_seconds: int
    idle_seconds: int
    session_seconds: int
    failures: int
    lock_seconds: int
    factors: Factors
    clients: Mapping[str, Client]
    users: Mapping[str, User]

    def by_account(self, account: str) -> User | None:
        """The user with that id."""
        return next((user for user in self.users.values() if user.account == account), None)

    def service_user(self, client: Client) -> User | None:
        """The user that stands for a client."""
        found = (user for user in self.users.values() if user.client_id == client.client_id)
        return next(found, None)


def read_realm(file: Path) -> Realm:
    """The realm of a file, its placeholders filled from the environment."""
    data = filled(file, os.environ)
    return Realm(
        name=data["realm"],
        title=data["displayName"],
        token_seconds=data["accessTokenLifespan"],
        code_seconds=data["accessCodeLifespan"],
        idle_seconds=data["ssoSessionIdleTimeout"],
        session_seconds=data["ssoSessionMaxLifespan"],
        failures=data["failureFactor"],
        lock_seconds=data["waitIncrementSeconds"],
        factors=Factors.of(data),
        clients={row["clientId"]: _client(row) for row in data["clients"]},
        users={row["username"]: _user(row) for row in data.get("users", ()) if row["enabled"]},
    )


def filled(file: Path, known: Mapping[str, str]) -> dict[str, Any]:
    """A realm file as Keycloak reads it: `${NAME}`, `${NAME:default}`, `${NAME,OTHER:default}`."""

    def value(match: re.Match[str]) -> str:
        found = (known[name] for name in match[1].split(",") if name in known)
        return next(found, match[2] or "")

    data: dict[str, Any] = json.loads(_PLACEHOLDER.sub(value, file.read_text(encoding="utf-8")))
    return data


def _client(row: Mapping[str, Any]) -> Client:
    attributes = row.get("attributes", {})
    logout = attributes.get("post.logout.redirect.uris", "")
    return Client(
        client_id=row["clientId"],
        public=row.get("publicClient", False),
        secret=row.get("secret", ""),
        redirect_uris=tuple(row.get("redirectUris", ())),
        logout_uris=tuple(filter(None, logout.split("##"))),
        standard_flow=row.get("standardFlowEnabled", False),
        service_account=row.get("serviceAccountsEnabled", False),
        mappers=tuple(row.get("protocolMappers", ())),
        logout_url=attributes.get("backchannel.logout.url", ""),
    )


def _user(row: Mapping[str, Any]) -> User:
    kept = {credential["type"]: credential for credential in row.get("credentials", ())}
    return User(
        account=row["id"],
        username=row["username"],
        password=kept["password"]["value"] if "password" in kept else "",
        name=row.get("firstName", ""),
        attributes={name: tuple(values) for name, values in row.get("attributes", {}).items()},
        roles=tuple(row.get("realmRoles", ())),
        client_id=row.get("serviceAccountClientId", ""),
        otp=secret_of(kept["otp"]) if "otp" in kept else b"",
    )
