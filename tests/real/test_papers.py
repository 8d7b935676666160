"""U13: what the letters claim to be, PDF/A-2a and PDF/UA-1, as an independent validator (veraPDF) judges them."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from kit.embedded.real.artifacts import Fetch, cache_folder, read_lock
from kit.embedded.real.java import java
from kit.embedded.sentences import StartError
from kit.settings import Settings
from services.filing.domain.letters.letter import Kind
from tests.filing.letters.papers import print_of
from tests.real.conftest import SKIPPED

LOCK = Path(__file__).with_name("verapdf.lock")
PROGRAM = "org.verapdf.apps.GreenfieldCliWrapper"
ARCHIVE, ACCESS = "2a", "ua1"
FAULTS = {
    "no_claim_of_archive": (b"<pdfaid:part>2</pdfaid:part>", {ARCHIVE}),
    "no_claim_of_access": (b"<pdfuaid:part>1</pdfuaid:part>", {ACCESS}),
    "no_tags": (b"/StructTreeRoot", {ARCHIVE, ACCESS}),
    "a_font_left_out": (b"/FontFile3", {ARCHIVE, ACCESS}),
    "no_language": (b"/Lang", {ACCESS}),
}
"""What is blotted out of a letter, and which judgments that must turn."""


@pytest.fixture(scope="session")
def validator() -> Path:
    """The program; skips where it cannot be had."""
    folder = cache_folder(Settings().artifacts) / "artifacts"
    try:
        [jar] = Fetch("veraPDF", read_lock(LOCK), folder, print).run()
    except StartError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        pytest.skip(f"{SKIPPED} {error}")
    return jar


def judged(validator: Path, files: Sequence[Path], flavour: str) -> dict[str, bool]:
    """Valid or not, by name of the file; 1 is the program's code for one that is not."""
    done = subprocess.run(
        (str(java()), "-cp", str(validator), PROGRAM, "-f", flavour, "--format", "text", *map(str, files)),
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr[-2000:]
    rows = [line.split() for line in done.stdout.splitlines() if line.endswith(f" {flavour}")]
    return {Path(path).stem: verdict == "PASS" for verdict, path, _ in rows}


@pytest.mark.parametrize("flavour", [ARCHIVE, ACCESS])
def test_every_letter_is_what_it_claims(validator: Path, tmp_path: Path, flavour: str) -> None:
    letters = {kind.name: print_of(kind) for kind in Kind}
    for name, made in letters.items():
        (tmp_path / f"{name}.pdf").write_bytes(made.pdf)
    found = judged(validator, sorted(tmp_path.iterdir()), flavour)
    assert found == dict.fromkeys(letters, True)


@pytest.mark.parametrize("flavour", [ARCHIVE, ACCESS])
def test_a_planted_fault_is_seen(validator: Path, tmp_path: Path, flavour: str) -> None:
    """Blotted out at its length, so that nothing else of the file moves."""
    sound = print_of(Kind.BA05).pdf
    for name, (part, _) in FAULTS.items():
        assert part in sound
        blot = b" " * len(part) if part.startswith(b"<") else b"/" + b"X" * (len(part) - 1)
        (tmp_path / f"{name}.pdf").write_bytes(sound.replace(part, blot))
    found = judged(validator, sorted(tmp_path.iterdir()), flavour)
    assert found == {name: flavour not in turned for name, (_, turned) in FAULTS.items()}
