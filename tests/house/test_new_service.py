"""A new service is a folder and a proto: nothing that exists is touched, and it really serves."""

import asyncio
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kit.embedded.sign_in import sign_in
from tests.house.importlaw import lint
from tests.house.test_files import ROOT
from tests.platform import Platform

PROTO = """syntax = "proto3";

// A service for one test.
package minzheng.throwaway.v1;

import "google/api/annotations.proto";
import "minzheng/common/v1/access.proto";

// 试验服务
service ThrowawayService {
  // 问好
  rpc Greet(GreetRequest) returns (GreetResponse) {
    option (google.api.http) = {get: "/api/v1/throwaway/{name}"};
    option (minzheng.common.v1.access) = {
      action: "greet"
      rows: {
        roles: ROLE_RESIDENT
        relation: RELATION_ANY
        personal_fields: PERSONAL_FIELDS_NONE
      }
    };
  }
}

// Request of Greet.
message GreetRequest {
  // Who is greeted.
  string name = 1;
}

// Answer of Greet.
message GreetResponse {
  // The greeting.
  string text = 1;
}
"""
SERVICE = '''"""A service for one test."""

from kit.server import Runtime, Service
from services.throwaway.rpc import ThrowawayRpc

SERVICE = Service("throwaway", servicers=lambda runtime: (ThrowawayRpc(runtime.database),))
'''
RPC = '''"""Its RPC."""

from proto.gen.minzheng.throwaway.v1.throwaway_pb import GreetResponse
from proto.gen.minzheng.throwaway.v1.throwaway_pb_grpc import ThrowawayServiceService


class ThrowawayRpc(ThrowawayServiceService):
    def __init__(self, database):
        self.database = database

    async def greet(self, request, context):
        greeting = await self.database.pool.fetchval("SELECT text FROM greeting")
        return GreetResponse(text=f"{greeting}，{request.name}")
'''
MIGRATION = (
    "CREATE TABLE greeting (text text PRIMARY KEY);\nINSERT INTO greeting VALUES ('你好');\n"
)
NEW = {
    "proto/minzheng/throwaway/v1/throwaway.proto": PROTO,
    "services/throwaway/__init__.py": "",
    "services/throwaway/service.py": SERVICE,
    "services/throwaway/rpc.py": RPC,
    "services/throwaway/migrations/0001_initial.sql": MIGRATION,
}
COPIED = ("kit", "services", "gateway", "proto", "deploy")


def digests(root: Path) -> dict[str, str]:
    """Digest of every hand-written file."""
    return {
        str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest()
        for name in COPIED
        for file in (root / name).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and "gen" not in file.parts
    }


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the new service, its code generated."""
    copy = tmp_path_factory.mktemp("project")
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in NEW.items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, "proto/generate.py"], cwd=copy, check=True)
    return copy


@pytest.fixture(scope="module")
def platform(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The copy, running."""
    folder = tmp_path_factory.mktemp("throwaway")
    running = Platform.prepare(folder / "var", PYTHONPATH=str(tree))
    running.root = tree
    running.start()
    yield running
    assert running.stop() == 0


def test_no_existing_file_is_touched(tree: Path) -> None:
    before, after = digests(ROOT), digests(tree)
    assert {name for name in after if after[name] != before.get(name)} == set(NEW)


def test_the_law_of_imports_knows_it(tree: Path) -> None:
    result = lint(tree)
    assert result.returncode == 0, result.stdout[-2000:]
    assert "rooms of throwaway KEPT" in result.stdout


def test_it_answers_through_the_gateway(platform: Platform) -> None:
    token = asyncio.run(
        sign_in(platform.environment["MINZHENG_ISSUER"], "resident.datong", "demo-Minzheng-2026")
    ).access_token
    answer = httpx.get(
        f"{platform.url}/api/v1/throwaway/海南", headers={"authorization": f"Bearer {token}"}
    )
    assert (answer.status_code, answer.json()) == (200, {"text": "你好，海南"})
    document = httpx.get(f"{platform.url}/api/openapi.json").json()
    assert document["paths"]["/api/v1/throwaway/{name}"]["get"]["summary"] == "问好"
    assert "throwaway" in {row["name"] for row in platform.status()["processes"]}  # type: ignore[attr-defined]
