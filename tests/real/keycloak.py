"""Keys of a realm of Keycloak, made and withdrawn by its administration."""

from typing import Any

import httpx
from joserfc.jwk import RSAKey
from keycloak import KeycloakAdmin

from kit.settings import Settings

KIND = "org.keycloak.keys.KeyProvider"


def components(admin: KeycloakAdmin) -> list[dict[str, Any]]:
    """What the realm has keys from."""
    found: list[dict[str, Any]] = admin.get_components({"type": KIND})
    return found


def add_key(admin: KeycloakAdmin, provider: str, **settings: str) -> str:
    """A new key of the realm; answers the id of its component."""
    realm = admin.get_realm(admin.connection.realm_name)["id"]
    config = {"priority": ["50"], "enabled": ["true"], "active": ["true"]}
    config |= {name: [value] for name, value in settings.items()}
    return str(
        admin.create_component(
            {"name": f"{provider} of a test", "providerId": provider, "providerType": KIND,
             "parentId": realm, "config": config}
        )
    )  # fmt: skip


def publish_key(admin: KeycloakAdmin, provider: str, algorithm: str, key: RSAKey) -> str:
    """Publish a key of our own, with which Keycloak itself signs nothing."""
    pem = key.as_pem(private=True).decode()
    return add_key(admin, provider, algorithm=algorithm, privateKey=pem, active="false")


def withdraw(admin: KeycloakAdmin, component: dict[str, Any]) -> None:
    """The key counts no more."""
    config = component["config"] | {"enabled": ["false"]}
    admin.update_component(component["id"], component | {"config": config})


def published(config: Settings, key: RSAKey) -> RSAKey:
    """The key with the id under which it is published."""
    address = f"{config.issuer}/protocol/openid-connect/certs"
    told = httpx.get(address, timeout=20, trust_env=False).raise_for_status().json()["keys"]
    own = key.as_dict(private=True)
    [kid] = [one["kid"] for one in told if one["n"] == own["n"]]
    return RSAKey.import_key(own | {"kid": kid})
