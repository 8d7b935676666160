"""Write the demo realm: the realm of production with synthetic people, without second factors.

python deploy/keycloak/demo_realm.py     # writes minzheng-realm.demo.json from demo_users.csv
"""

import csv
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PASSWORD = "demo-Minzheng-2026"  # noqa: S105 - published on purpose: synthetic people only
ROLES = {"citizen": ["citizen"], "staff": ["citizen", "staff"], "operator": ["citizen", "operator"]}


def user(row: dict[str, str]) -> dict[str, Any]:
    """A person of the table as a user of the realm file."""
    return {
        "id": row["account_id"],
        "username": row["username"],
        "firstName": row["name"],
        "lastName": "演示",
        "enabled": True,
        "attributes": {"assurance": ["high"], "synthetic": ["true"]},
        "realmRoles": ROLES[row["kind"]],
        "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
    }


def service_account(row: dict[str, str]) -> dict[str, Any]:
    """A department's client as the user that stands for it."""
    return {
        "id": row["account_id"],
        "username": f"service-account-{row['username']}",
        "serviceAccountClientId": row["username"],
        "enabled": True,
        "attributes": {"assurance": ["high"], "synthetic": ["true"]},
        "realmRoles": ["department"],
    }


def demo_realm() -> dict[str, Any]:
    """The demo realm."""
    realm: dict[str, Any] = json.loads((HERE / "minzheng-realm.json").read_text("utf-8"))
    with (HERE / "demo_users.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for client in realm["clients"]:
        if "secret" in client:
            client["secret"] = f"demo-only-{client['clientId']}"
    people = [user(row) for row in rows if row["kind"] != "department"]
    departments = [service_account(row) for row in rows if row["kind"] == "department"]
    return realm | {
        "displayName": realm["displayName"] + "(演示环境)",
        "users": people + departments,
    }


def text() -> str:
    """The file's content."""
    return json.dumps(demo_realm(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (HERE / "minzheng-realm.demo.json").write_text(text(), encoding="utf-8")
