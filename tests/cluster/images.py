"""Images as archives that nodes import: the product's as `make images` built them, and the cluster's own."""

import io
import json
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.cluster.machine import run
from tests.cluster.programs import program

PRODUCT = ("minzheng", "minzheng-postgres", "minzheng-kafka", "minzheng-keycloak")
OWN = {"cluster-pause": "pause", "cluster-coredns": "coredns", "cluster-metrics-server": "metrics-server"}  # fmt: skip
RECIPE = 'FROM scratch\nCOPY {name} /{name}\nENTRYPOINT ["/{name}"]\n'
HERE = "localhost/"
"""What podman puts before a name of this machine; a pod's image goes without."""
MANIFEST = "manifest.json"


def archive(folder: Path, tag: str) -> Path:
    """All of them in one, shared layers once; RuntimeError where the product's were not built."""
    for image, name in OWN.items():
        _made_of_a_program(image, name)
    return saved(folder, dict.fromkeys(OWN, "1") | dict.fromkeys(PRODUCT, tag))


def saved(folder: Path, images: Mapping[str, str]) -> Path:
    """The newest of some images under the tags that pods ask for, not packed: nodes would only unpack them."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{'-'.join(sorted(set(images.values())))}.tar"
    file.unlink(missing_ok=True)
    run("podman", "save", "-q", "-m", "--format", "docker-archive", "-o", str(file), *(f"{HERE}{name}" for name in images))  # fmt: skip
    _rename(file, images)
    return file


def _rename(file: Path, images: Mapping[str, str]) -> None:
    """The list of names once more, as pods name them: whoever reads an archive takes the last one."""
    with tarfile.open(file) as tar:
        found = tar.extractfile(MANIFEST)
        assert found is not None
        rows = json.load(found)
    for row in rows:
        names = [name.removeprefix(HERE).partition(":")[0] for name in row["RepoTags"]]
        row["RepoTags"] = [f"{name}:{images[name]}" for name in names if name in images]
    text = json.dumps(rows).encode()
    head = tarfile.TarInfo(MANIFEST)
    head.size = len(text)
    with tarfile.open(file, "a") as tar:
        tar.addfile(head, io.BytesIO(text))


def _made_of_a_program(image: str, name: str) -> None:
    path = Path(program(name))
    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder) / "Containerfile"
        recipe.write_text(RECIPE.format(name=path.name))
        run("podman", "build", "-q", "-t", image, "-f", str(recipe), str(path.parent))
