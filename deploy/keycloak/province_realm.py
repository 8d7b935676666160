"""Write the realm that plays the province's unified identity, with two synthetic persons.

python -m deploy.keycloak.province_realm     # writes province-realm.demo.json
"""

import json
from typing import Any

from deploy.keycloak.demo_realm import HERE, PASSWORD

FILE = HERE / "province-realm.demo.json"
HOME = "${MINZHENG_BROKER:http://127.0.0.1:8081/realms/minzheng}/broker/unified-identity/endpoint"
SECRET = "demo-only-unified-identity"  # noqa: S105 - published on purpose
ATTRIBUTES = ("assurance", "legal_person_code")
PEOPLE = (
    ("u-10001", "演示居民甲", {"assurance": ["low"]}),
    ("u-10002", "演示法人乙", {"assurance": ["high"], "legal_person_code": ["91460000MA5DEMO0X0"]}),
)
"""Account, name, what the province knows."""


def told(attribute: str) -> dict[str, Any]:
    """A mapper that tells an attribute in the ID token."""
    config = {"user.attribute": attribute, "claim.name": attribute, "jsonType.label": "String"}
    return {
        "name": attribute,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-usermodel-attribute-mapper",
        "config": config | {"id.token.claim": "true", "access.token.claim": "false"},
    }


def person(account: str, name: str, attributes: dict[str, list[str]]) -> dict[str, Any]:
    """Somebody the province knows."""
    return {
        "username": account,
        "firstName": name,
        "enabled": True,
        "attributes": attributes | {"synthetic": ["true"]},
        "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
    }


def realm() -> dict[str, Any]:
    """The realm."""
    ours: dict[str, Any] = json.loads((HERE / "minzheng-realm.json").read_text("utf-8"))
    client = {
        "clientId": "minzheng",
        "name": "社区社会组织服务平台",
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": False,
        "standardFlowEnabled": True,
        "directAccessGrantsEnabled": False,
        "secret": SECRET,
        "redirectUris": [HOME],
        "attributes": {"pkce.code.challenge.method": "S256"},
        "protocolMappers": [told(name) for name in ATTRIBUTES],
    }
    return {
        "realm": "province",
        "displayName": "统一身份认证（演示环境）",
        "enabled": True,
        "sslRequired": "external",
        "clients": [client],
        "users": [person(*one) for one in PEOPLE],
        "components": ours["components"],
    }


def text() -> str:
    """The file's content."""
    return json.dumps(realm(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
