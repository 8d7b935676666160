"""The pictures of the README: small, with few colors; three pages of the platform and a letter."""

import io
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from kit.press.pdf import laid_out
from services.filing.domain.letters.letter import Kind
from services.filing.domain.letters.table import EDITION
from tests.filing.letters.papers import paper_of
from tests.platform import ROOT
from tests.portal.sheet.shoot import Way
from tests.portal.sheet.views import CLERK, RESIDENT, View

FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT, COLORS = 1000, 700, 128
POINTS = 72
"""Dots per inch of a letter: A4 is 595 dots wide."""
WAY = Way("desktop", (1280, 896))
SHOWN = {
    "home": View("public/home", "/"),
    "inbox": View("gov/inbox", "/gov/inbox?case={review}", CLERK),
    "case": View("org/case-correction", "/org/cases/{correction}", RESIDENT),
}


def write(taken: Path) -> None:
    """From the pictures in `taken` and the press to `docs/pictures/`."""
    FOLDER.mkdir(exist_ok=True)
    for name, view in SHOWN.items():
        with Image.open(taken / WAY.name / f"{view.name}.png") as picture:
            wide = picture.convert("RGB").crop((0, 0, *WAY.size))
            keep(wide.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS), name)
    with Image.open(io.BytesIO(letter())) as picture:
        keep(picture.convert("RGB"), "letter")


def letter() -> bytes:
    """The first page of 准予备案通知书 of a synthetic case."""
    made = laid_out(asdict(paper_of(Kind.BA05)), EDITION).compile(format="png", ppi=POINTS)
    return bytes(made[0] if isinstance(made, list) else made)


def keep(picture: Image.Image, name: str) -> None:
    """As a PNG with a palette; an octree keeps colors of which there is little."""
    few = picture.quantize(COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)
