"""Images as archives that nodes import: the product's as `make images` built them, and the cluster's own."""

import tempfile
from pathlib import Path

from tests.cluster.machine import run
from tests.cluster.programs import program

PRODUCT = ("minzheng", "minzheng-postgres", "minzheng-kafka", "minzheng-keycloak")
OWN = {"cluster-pause": "pause", "cluster-coredns": "coredns", "cluster-metrics-server": "metrics-server"}  # fmt: skip
RECIPE = 'FROM scratch\nCOPY {name} /{name}\nENTRYPOINT ["/{name}"]\n'
LIBRARY = "docker.io/library"


def archives(folder: Path, tag: str) -> list[Path]:
    """All of them; RuntimeError where the product's were not built."""
    folder.mkdir(parents=True, exist_ok=True)
    for image, name in OWN.items():
        _made_of_a_program(f"{LIBRARY}/{image}:1", name)
    for image in PRODUCT:
        run("podman", "tag", f"localhost/{image}:latest", f"{LIBRARY}/{image}:{tag}")
    wanted = [(image, "1") for image in OWN] + [(image, tag) for image in PRODUCT]
    return [saved(folder, f"{LIBRARY}/{image}:{version}") for image, version in wanted]


def _made_of_a_program(image: str, name: str) -> None:
    path = Path(program(name))
    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder) / "Containerfile"
        recipe.write_text(RECIPE.format(name=path.name))
        run("podman", "build", "-q", "-t", image, "-f", str(recipe), str(path.parent))


def saved(folder: Path, image: str) -> Path:
    """An image as an archive."""
    archive = folder / (image.rpartition("/")[2].replace(":", "-") + ".tar")
    archive.unlink(missing_ok=True)
    run("podman", "save", "-q", "--format", "oci-archive", "-o", str(archive), image)
    return archive
