"""Images as archives that nodes import: the product's as `make images` built them, and the cluster's own."""

import tempfile
from pathlib import Path

from tests.cluster.machine import run
from tests.cluster.programs import program

PRODUCT = ("minzheng", "minzheng-postgres", "minzheng-kafka", "minzheng-keycloak")
OWN = {"cluster-pause": "pause", "cluster-coredns": "coredns", "cluster-metrics-server": "metrics-server"}  # fmt: skip
RECIPE = 'FROM scratch\nCOPY {name} /{name}\nENTRYPOINT ["/{name}"]\n'
LIBRARY = "docker.io/library"


def archive(folder: Path, tag: str) -> Path:
    """All of them in one, shared layers once; RuntimeError where the product's were not built."""
    for image, name in OWN.items():
        _made_of_a_program(f"{LIBRARY}/{image}:1", name)
    for image in PRODUCT:
        run("podman", "tag", f"localhost/{image}:latest", f"{LIBRARY}/{image}:{tag}")
    wanted = [(image, "1") for image in OWN] + [(image, tag) for image in PRODUCT]
    return saved(folder, *(f"{LIBRARY}/{image}:{version}" for image, version in wanted))


def saved(folder: Path, *images: str) -> Path:
    """Images in one archive, not packed: nodes would only unpack them."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / (images[-1].rpartition("/")[2].replace(":", "-") + ".tar")
    file.unlink(missing_ok=True)
    run("podman", "save", "-q", "-m", "--format", "docker-archive", "-o", str(file), *images)
    return file


def _made_of_a_program(image: str, name: str) -> None:
    path = Path(program(name))
    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder) / "Containerfile"
        recipe.write_text(RECIPE.format(name=path.name))
        run("podman", "build", "-q", "-t", image, "-f", str(recipe), str(path.parent))
