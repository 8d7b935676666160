"""What the images of Kafka and Keycloak are built from: `python -m deploy.images.artifacts FOLDER`."""

import os
import shutil
import sys
from pathlib import Path

from kit.embedded.real.artifacts import Fetch, cache_folder, read_lock
from kit.embedded.real.places import DEPLOY
from kit.settings import settings


def bring(folder: Path) -> None:
    """A folder for each part with exactly the artifacts of its lock, checked."""
    cache = cache_folder(settings().artifacts) / "artifacts"
    for part in ("kafka", "keycloak"):
        files = Fetch(part, read_lock(DEPLOY / part / "artifacts.lock"), cache, print).run()
        shutil.rmtree(folder / part, ignore_errors=True)
        (folder / part).mkdir(parents=True)
        for file in files:
            place(file, folder / part / file.name)


def place(file: Path, target: Path) -> None:
    """The same file under another name; a copy where the folders are on different disks."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copy2(file, target)


if __name__ == "__main__":
    bring(Path(sys.argv[1]))
