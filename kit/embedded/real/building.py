"""Keycloak's program: fetched, unpacked and built once a machine, or once for its image.

python -m kit.embedded.real.building FOLDER    # from the archive in FOLDER/artifacts, if it is there
"""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from kit.embedded.real.artifacts import Fetch, Say, claimed, read_lock
from kit.embedded.real.java import java
from kit.embedded.real.places import DEPLOY
from kit.embedded.sentences import StartError

BUILD = ("--db=postgres", "--health-enabled=true", "--cache=local")


def built(cache: Path, say: Say) -> Path:
    """The folder of the built program below the cache. Raises StartError."""
    [pin] = read_lock(DEPLOY / "keycloak" / "artifacts.lock")
    program = cache / f"keycloak-{pin.sha256[:12]}"
    if not program.exists():
        [archive] = Fetch("Keycloak", [pin], cache / "artifacts", say).run()
        with claimed(cache):
            if not program.exists():
                build(archive, program, say)
    return program


def build(archive: Path, program: Path, say: Say) -> None:
    """Unpack and build; what is half-way done has another name."""
    say("解压并构建 Keycloak(仅一次，约半分钟)… / building Keycloak, once")
    fresh = program.with_name(f"{program.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    # The first releases of Python 3.11 have no filter; the archive is the one its digest names.
    careful = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(archive) as file:
        file.extractall(fresh, **careful)  # type: ignore[arg-type]  # noqa: S202 - pinned
    [unpacked] = fresh.iterdir()
    done = subprocess.run(
        ("sh", str(unpacked / "bin" / "kc.sh"), "build", *BUILD),
        env={**os.environ, "JAVA": str(java())},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StartError(f"Keycloak 构建失败 / build failed:\n{done.stdout[-2000:]}")
    unpacked.replace(program)
    fresh.rmdir()


if __name__ == "__main__":
    built(Path(sys.argv[1]), print)
