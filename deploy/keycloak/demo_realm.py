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
Row = dict[str, str]


def table() -> list[Row]:
    """Rows of the table of demo people and departments."""
    with (HERE / "demo_users.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def user(row: Row, *, second_factor: bool) -> dict[str, Any]:
    """A person of the table as a user of the realm file; staff and operators with a second factor."""
    codes = [one_time_codes(row["username"])] if second_factor and row["kind"] != "citizen" else []
    return {
        "id": row["account_id"],
        "username": row["username"],
        "firstName": row["name"],
        "enabled": True,
        "attributes": {"assurance": ["high"], "synthetic": ["true"]},
        "realmRoles": ROLES[row["kind"]],
        "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}, *codes],
    }


def otp_key(username: str) -> str:
    """Key of a synthetic person's one-time codes; published like the password."""
    return f"demo-only-otp-{username}"


def one_time_codes(username: str) -> dict[str, Any]:
    """A second factor as the realm file keeps it (the key is the text's bytes)."""
    kind = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
    secret = json.dumps({"value": otp_key(username)})
    return {"type": "otp", "secretData": secret, "credentialData": json.dumps(kind)}


def service_account(row: Row) -> dict[str, Any]:
    """A department's client as the user that stands for it."""
    return {
        "id": row["account_id"],
        "username": f"service-account-{row['username']}",
        "serviceAccountClientId": row["username"],
        "enabled": True,
        "attributes": {"assurance": ["high"], "synthetic": ["true"]},
        "realmRoles": ["department"],
    }


def without_codes(flows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sign-on flows without those that ask for a one-time code."""
    asking = {flow["alias"] for flow in flows if asks(flow)}
    return [
        flow | {"authenticationExecutions": kept(flow, asking)} for flow in flows if not asks(flow)
    ]


def asks(flow: dict[str, Any]) -> bool:
    """The flow asks for a one-time code."""
    steps = flow["authenticationExecutions"]
    return any(step.get("authenticator") == "auth-otp-form" for step in steps)


def kept(flow: dict[str, Any], dropped: set[str]) -> list[dict[str, Any]]:
    """The steps of a flow that do not lead into a dropped one."""
    return [s for s in flow["authenticationExecutions"] if s.get("flowAlias") not in dropped]


def used(flows: list[dict[str, Any]]) -> set[str]:
    """Names of the step settings that the flows refer to."""
    steps = (step for flow in flows for step in flow["authenticationExecutions"])
    return {step["authenticatorConfig"] for step in steps if "authenticatorConfig" in step}


def with_people(*, second_factor: bool) -> dict[str, Any]:
    """The realm of production with the demo people and departments in it."""
    realm: dict[str, Any] = json.loads((HERE / "minzheng-realm.json").read_text("utf-8"))
    for client in realm["clients"]:
        if "secret" in client:
            client["secret"] = f"demo-only-{client['clientId']}"
    people = [user(r, second_factor=second_factor) for r in table() if r["kind"] != "department"]
    departments = [service_account(row) for row in table() if row["kind"] == "department"]
    return realm | {"users": people + departments}


def strict_realm() -> dict[str, Any]:
    """The realm of production as it is, with people to try it: tests sign in with second factors."""
    return with_people(second_factor=True)


def demo_realm() -> dict[str, Any]:
    """The demo realm: nobody is asked for a one-time code."""
    realm = with_people(second_factor=False)
    flows = without_codes(realm["authenticationFlows"])
    settings = [item for item in realm["authenticatorConfig"] if item["alias"] in used(flows)]
    return realm | {
        "displayName": realm["displayName"] + "（演示环境 · 未启用动态口令）",
        "authenticationFlows": flows,
        "authenticatorConfig": settings,
    }


def text() -> str:
    """The file's content."""
    return json.dumps(demo_realm(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (HERE / "minzheng-realm.demo.json").write_text(text(), encoding="utf-8")
