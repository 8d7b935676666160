"""Manifests that name services are as `make manifests` writes them."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.house.test_files import ROOT

GENERATE = (sys.executable, "-m", "deploy.k8s.generate")
SOURCES = ("kit", "services", "gateway", "proto", "deploy")


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder."""
    return subprocess.run(command, cwd=root, capture_output=True, text=True)


def copied(to: Path, *names: str) -> Path:
    """A copy of these folders and of what the project says of itself."""
    for name in names:
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", to)
    return to


def test_manifests_are_as_written() -> None:
    done = run(ROOT, *GENERATE, "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_was_changed_by_hand_is_seen(tmp_path: Path) -> None:
    tree = copied(tmp_path, *SOURCES)
    changed, gone = (tree / "deploy/k8s/base" / f for f in ("filing/service.yaml", "filing/policies.yaml"))  # fmt: skip
    changed.write_text(changed.read_text().replace("maxUnavailable: 1", "maxUnavailable: 2"))
    gone.unlink()
    (tree / "deploy/k8s/base/old").mkdir()
    shutil.copy(changed, tree / "deploy/k8s/base/old/service.yaml")
    done = run(tree, *GENERATE, "--check")
    assert done.returncode == 1
    assert done.stdout.count("not as `make manifests` writes it") == 3
