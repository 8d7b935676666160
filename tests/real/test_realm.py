"""The realm of a running Keycloak follows its file; nobody is lost on the way."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.client import PASSWORD
from kit.embedded.sign_in import client_token, sign_in
from tests.platform import ROOT, Platform

FILE = ROOT / "deploy/keycloak/minzheng-realm.demo.json"
NONE = "无差异"


def apply(platform: Platform, file: Path, *options: str) -> str:
    """What the verb says about this file."""
    platform.environment["MINZHENG_REALM_FILE"] = str(file)
    try:
        done = platform.run("realm", "apply", *options)
    finally:
        del platform.environment["MINZHENG_REALM_FILE"]
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The file with a change of each kind."""
    text = FILE.read_text(encoding="utf-8").replace("minzheng-browser-1", "minzheng-browser-2")
    realm: dict[str, Any] = json.loads(text)
    realm["accessTokenLifespan"] = 240
    realm["roles"]["realm"].append({"name": "auditor", "description": "审计"})
    department = next(c for c in realm["clients"] if c["clientId"] == "dept-social-work")
    department["protocolMappers"][0]["config"]["introspection.token.claim"] = "false"
    department["name"] = "社会工作部"
    file = tmp_path / "realm.json"
    file.write_text(json.dumps(realm), encoding="utf-8")
    return file


def test_a_fresh_import_is_what_the_file_says(platform: Platform) -> None:
    assert NONE in apply(platform, FILE)


async def test_every_difference_is_said_first_and_then_set_right(
    platform: Platform, changed: Path
) -> None:
    said = apply(platform, changed)
    for word in (
        "realm accessTokenLifespan: 300 → 240", "role auditor: new",
        "client dept-social-work: name, protocolMappers", "flow minzheng-browser-2: new",
        "realm browserFlow: minzheng-browser-1 → minzheng-browser-2", "5 处不同",
    ):  # fmt: skip
        assert word in said
    assert apply(platform, changed) == said, "comparing changed something"
    apply(platform, changed, "--yes")
    assert NONE in apply(platform, changed)
    issuer = platform.environment["MINZHENG_ISSUER"]
    assert 200 < (await sign_in(issuer, "clerk.datong", PASSWORD)).expires_in <= 240
    assert await client_token(issuer, "dept-social-work", "demo-only-dept-social-work")
    apply(platform, FILE, "--yes")
    assert NONE in apply(platform, FILE)
    assert 260 < (await sign_in(issuer, "clerk.datong", PASSWORD)).expires_in <= 300
