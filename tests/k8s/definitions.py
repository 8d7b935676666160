"""Operators' definitions of their objects, out of packages that are pinned in deploy/k8s/tests/definitions.

Most come with the operators' Go modules; Strimzi publishes the program that writes its own. What no
registry has may lie in the folder that MINZHENG_CRDS names.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

import yaml

from kit.embedded.real.artifacts import Fetch, cache_folder, read_lock
from kit.embedded.real.java import run
from kit.embedded.sentences import StartError
from kit.settings import settings
from tests.k8s.rendering import K8S, Manifest

LOCKS = K8S / "tests" / "definitions"
STRIMZI = "kafka.strimzi.io"
MODEL = "io.strimzi.api.kafka.model"
CLASSES = ("kafka.Kafka", "nodepool.KafkaNodePool", "topic.KafkaTopic", "user.KafkaUser")
SECONDS = 300


@dataclass(frozen=True)
class Definitions:
    """What was found."""

    documents: Sequence[Manifest]
    missing: Mapping[str, str]
    """API groups that could not be had here, and why."""


@dataclass(frozen=True)
class Module:
    """A line of the lock file."""

    path: str
    version: str
    sum: str
    folder: str
    group: str

    def documents(self) -> Iterator[Manifest]:
        """Its definitions; LookupError where it cannot be had, AssertionError where it is another one."""
        if shutil.which("go") is None:
            raise LookupError("no Go")
        command = ("go", "mod", "download", "-json", f"{self.path}@{self.version}")
        with tempfile.TemporaryDirectory() as nowhere:
            done = subprocess.run(command, cwd=nowhere, capture_output=True, text=True, timeout=SECONDS)  # fmt: skip
        told = json.loads(done.stdout or "{}")
        error = told.get("Error", "") if done.stdout else done.stderr.strip()
        assert "checksum" not in error, error
        if error:
            raise LookupError(f"{self.path} {self.version} cannot be fetched")
        assert told["Sum"] == self.sum, f"{self.path} {self.version} is not what the lock file says"
        yield from read(Path(told["Dir"]) / self.folder)


def modules() -> Iterator[Module]:
    """Those of the lock file."""
    for line in (LOCKS / "modules.lock").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield Module(*line.split())


def strimzi() -> Iterator[Manifest]:
    """Written by Strimzi's program; LookupError where it or a Java is missing."""
    folder = cache_folder(settings().artifacts) / "artifacts"
    pins = read_lock(LOCKS / "strimzi.lock")
    with tempfile.TemporaryDirectory() as written:
        targets = [f"{MODEL}.{name}={written}/{name}.yaml" for name in CLASSES]
        try:
            files = Fetch("strimzi", pins, folder, lambda _: None).run()
            jars = os.pathsep.join(map(str, files))
            options = ("--yaml", "--target-kube", "1.30+", "--crd-api-version", "v1", "--api-versions", "v1")  # fmt: skip
            run(("-cp", jars, "io.strimzi.crdgenerator.CrdGenerator", *options, *targets), {}, "Strimzi")  # fmt: skip
        except StartError as error:
            if error.__cause__ is None:
                raise
            raise LookupError("Strimzi's program or Java cannot be had (make test-k8s)") from error
        yield from read(Path(written))


def read(folder: Path) -> Iterator[Manifest]:
    """Definitions of the files of a folder."""
    for file in sorted(folder.glob("*.y*ml")):
        with file.open(encoding="utf-8") as text:
            found = [one for one in yaml.load_all(text, yaml.CSafeLoader) if one]
        yield from (one for one in found if one["kind"] == "CustomResourceDefinition")


@cache
def definitions() -> Definitions:
    """All that can be had; fetched once, read once a session."""
    found: list[Manifest] = []
    missing: dict[str, str] = {}
    sources = chain(((one.group, one.documents) for one in modules()), [(STRIMZI, strimzi)])
    for group, source in sources:
        try:
            found += source()
        except LookupError as error:
            missing[group] = str(error)
    if folder := os.environ.get("MINZHENG_CRDS"):
        found += read(Path(folder))
    return Definitions(found, missing)
