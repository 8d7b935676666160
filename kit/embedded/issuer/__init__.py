"""The embedded sign-on: a small OpenID Connect issuer that reads the same realm file as Keycloak.

It keeps Keycloak's URLs and claims, so nothing else changes when Keycloak takes its place. It
listens on loopback only and refuses to exist in production. Sessions and codes live in memory;
keys are kept, so tokens survive a restart.
"""

from kit.embedded.issuer.app import issuer_app

__all__ = ["issuer_app"]
