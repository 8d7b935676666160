"""A new service is deployed without a hand's turn: folders and contracts say everything."""

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.test_manifests import GENERATE, SOURCES, copied, run

PROTO = """syntax = "proto3";

// A service for one test.
package minzheng.hot_line.v1;

import "google/api/annotations.proto";
import "minzheng/common/v1/access.proto";

// 热线
service HotLineService {
  // 来电
  rpc GetCall(GetCallRequest) returns (GetCallResponse) {
    option (google.api.http) = {get: "/api/v1/calls/{name}"};
    option (minzheng.common.v1.access) = {
      action: "call"
      rows: {
        roles: ROLE_RESIDENT
        relation: RELATION_ANY
        personal_fields: PERSONAL_FIELDS_NONE
      }
    };
  }
}

// Request of GetCall.
message GetCallRequest {
  // Which.
  string name = 1;
}

// Answer of GetCall.
message GetCallResponse {}

// 已接听
message CallTaken {
  option (minzheng.common.v1.fact) = {title: "已接听"};
  // Which.
  string name = 1;
}
"""
SERVICE = '''"""A service for one test, which reacts to filed organizations."""

from kit.reactions import Reaction
from kit.server import Service
from proto.gen.minzheng.filing.v1.facts_pb import OrganizationFiled


async def take(*_: object) -> None:
    """Nothing."""


SERVICE = Service(
    "hot_line", servicers=lambda _: (), reactions=lambda _: (Reaction(OrganizationFiled, take),)
)
'''
FILES = {
    "proto/minzheng/hot_line/v1/hot_line.proto": PROTO,
    "services/hot_line/__init__.py": "",
    "services/hot_line/service.py": SERVICE,
    "tests/__init__.py": "",
    "tests/house/__init__.py": "",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with the new service, its contracts generated and its manifests written."""
    copy = copied(tmp_path_factory.mktemp("project"), *SOURCES, "tests/k8s")
    for name, text in FILES.items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text, encoding="utf-8")
    for command in ((sys.executable, "proto/generate.py"), GENERATE):
        done = run(copy, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    return copy


def objects(tree: Path) -> dict[tuple[str, str], Any]:
    """What a province would apply, by kind and name."""
    kubectl = Path(sys.executable).with_name("kubectl")
    done = run(tree, str(kubectl), "kustomize", "deploy/k8s/overlays/prod-hainan")
    found = [one for one in yaml.safe_load_all(done.stdout) if one]
    return {(one["kind"], one["metadata"]["name"]): one for one in found}


def test_it_has_all_that_others_have(tree: Path) -> None:
    found = objects(tree)
    others = {(kind, name.replace("filing", "hot-line")) for kind, name in found if "filing" in name}  # fmt: skip
    assert {kind for kind, _ in others} >= {"Deployment", "NetworkPolicy", "Database", "KafkaTopic", "KafkaUser"}  # fmt: skip
    assert others <= found.keys()


def test_its_rights_are_what_it_declares(tree: Path) -> None:
    rules = objects(tree)["KafkaUser", "hot-line"]["spec"]["authorization"]["acls"]
    may = {(row["resource"]["name"], *row["operations"]) for row in rules}
    assert ("minzheng.filing.v1", "Read") in may
    assert ("minzheng.hot_line.v1", "Write") in may
    assert ("minzheng.posts.v1", "Write") not in may


def test_it_keeps_every_rule(tree: Path) -> None:
    done = run(tree, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(tree), "tests/k8s/test_rules.py")  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "passed" in done.stdout
