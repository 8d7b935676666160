"""`make lint-k8s`: every overlay against the rules of checkov, which nobody of this project wrote.

What is left out stands in deploy/k8s/tests/checkov.yaml with its reasons. checkov has an environment of
its own, and is kept from asking anybody outside.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from tests.k8s.rendering import K8S, OVERLAYS, PRODUCTION, ROOT, render

PROGRAM = ROOT / ".venv" / ".checkov" / "bin" / "checkov"
LEFT_OUT: Mapping[str, Mapping[str, str]] = yaml.safe_load((K8S / "tests" / "checkov.yaml").read_text("utf-8"))  # fmt: skip
"""Rules with reasons, by the overlays they are left out of."""
PLANTED = """
apiVersion: v1
kind: Pod
metadata: {name: planted, namespace: default}
spec: {hostNetwork: true, containers: [{name: one, image: "one:latest", securityContext: {privileged: true}}]}
"""
SEEN = {"CKV_K8S_16", "CKV_K8S_19", "CKV_K8S_14"}
"""Privileged, on the host's network, of the newest image."""


def found(folder: Path, left_out: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    """Rule, what it asks and the object that does not keep it; each once."""
    command = (PROGRAM, "-d", folder, "--framework", "kubernetes", "--skip-download", "-o", "json", "--soft-fail", "--skip-check", ",".join(left_out))  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    failed = json.loads(done.stdout)["results"]["failed_checks"]
    return sorted({(one["check_id"], one["check_name"], one["resource"]) for one in failed})


def judged(names: Iterable[str], left_out: Iterable[str]) -> int:
    """Say what is wrong with these overlays; how much that is."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            (Path(folder) / f"{name.replace('/', '-')}.yaml").write_text(render(K8S / name), "utf-8")  # fmt: skip
        wrong = list(found(Path(folder), left_out))
    for rule, asked, resource in wrong:
        print(f"{rule} {resource}: {asked}")
    return len(wrong)


def sees_a_fault() -> bool:
    """A pod that breaks three rules is told: checkov reads what it is given."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "planted.yaml").write_text(PLANTED, "utf-8")
        return {rule for rule, *_ in found(Path(folder), LEFT_OUT["everywhere"])} >= SEEN


def main() -> int:
    """Judge; exit code."""
    if not sees_a_fault():
        print("checkov does not see a planted fault")
        return 1
    everywhere, small = LEFT_OUT["everywhere"], LEFT_OUT["small"]
    others = [name for name in OVERLAYS if name not in PRODUCTION]
    wrong = judged(PRODUCTION, everywhere) + judged(others, [*everywhere, *small])
    print(
        f"{len(OVERLAYS)} overlays, {len(everywhere) + len(small)} rules left out, {wrong} faults"
    )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
