"""Every contract of the law of imports is broken once on purpose and noticed."""

import shutil
from pathlib import Path

import pytest

from tests.house.importlaw import ROOT, lint

PACKAGES = ("kit", "services", "gateway", "proto")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages to plant in."""
    copy = tmp_path_factory.mktemp("tree")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_the_law_holds() -> None:
    result = lint()
    assert result.returncode == 0, result.stdout[-2000:]
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        (
            "kit/sql.py",
            "import services.filing.service",
            "kit imports neither services nor gateway",
        ),
        ("gateway/health.py", "import services.filing.service", "gateway imports no service"),
        (
            "gateway/portal/pages/public/home.py",
            "import gateway.caller",
            "a page knows the portal and the messages",
        ),
        (
            "gateway/portal/pages/public/home.py",
            "import kit.database",
            "a page knows the portal and the messages",
        ),
        (
            "services/filing/service.py",
            "import gateway.health",
            "services do not import the gateway",
        ),
        (
            "services/filing/service.py",
            "import services.notifications.rpc",
            "no service imports a service",
        ),
        ("services/filing/domain/case.py", "import grpc", "a domain knows rules only"),
        ("services/filing/domain/case.py", "import kit.database", "a domain knows rules only"),
        ("services/filing/domain/case.py", "import pydantic", "a domain knows rules only"),
        ("kit/errors.py", "import sqlmodel", "a domain knows rules only"),
        (
            "services/notifications/domain/contact.py",
            "import proto.gen.minzheng.common.v1.access_pb",
            "a domain knows rules only",
        ),
        ("services/filing/helpers.py", "import json", "rooms of filing"),
        ("services/filing/store/rows.py", "import services.filing.rpc.work", "rooms of filing"),
        (
            "services/notifications/rpc.py",
            "import services.notifications.reactions",
            "rooms of notifications",
        ),
    ],
)
def test_each_contract_turns_red(tree: Path, file: str, line: str, broken: str) -> None:
    planted = tree / file
    before = planted.read_text(encoding="utf-8") if planted.exists() else None
    planted.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        result = lint(tree)
    finally:
        planted.unlink() if before is None else planted.write_text(before, encoding="utf-8")
    assert result.returncode != 0
    assert f"{broken} BROKEN" in result.stdout
