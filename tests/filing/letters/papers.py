"""Every letter of the forms, printed once a session, and what a PDF says of itself."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pdfminer.high_level import extract_pages
from pdfminer.layout import LTChar, LTContainer
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from kit.papers import Paper
from kit.press import Printed
from kit.press.press import printed
from services.filing.domain import decision, review, submission
from services.filing.domain.letters.letter import Kind, Letter, Marks
from services.filing.domain.letters.table import EDITION, arising, setting
from services.filing.domain.outcome import Outcome
from services.filing.domain.pledge import pledge_on
from tests.filing.builders import (
    APPLICANT,
    CLERK,
    LEAD,
    MONDAY,
    drafted,
    finish,
    in_review,
    marked,
    moment,
    proposed,
    rules,
)

CODE = "7K3M-9Q2D-AAAA-BBBB"
CHECK = f"https://minzheng.example.org/verify?code={CODE}"
MM = 72 / 25.4


def outcomes() -> Iterator[Outcome]:
    """A step for every letter."""
    version = pledge_on(MONDAY).version
    yield finish(submission.submit(drafted(), APPLICANT, moment(), rules(), version, False))
    yield review.return_once(marked(in_review(), B02="ABSENT", B05="UNREADABLE"), CLERK, moment())
    yield finish(decision.decide(proposed(), LEAD, moment(), True, ""))
    case = marked(in_review())
    reason = "章程写明向成员分配盈利。"
    refused = decision.propose(case, CLERK, moment(), "REFUSE", ("FOR_PROFIT",), reason).case
    yield finish(decision.decide(refused, LEAD, moment(), True, ""))


@cache
def letters() -> dict[Kind, Letter]:
    """One of every form."""
    return {letter.kind: letter for o in outcomes() for letter in arising(o, moment())}


def paper_of(kind: Kind) -> Paper:
    """The letter set in the words of its edition."""
    letter = letters()[kind]
    number = letter.number + ("1号" if letter.counter else "")
    return setting(kind, EDITION, letter.told, Marks(number, CODE, CHECK, f"{kind.form} {EDITION}"))


@cache
def print_of(kind: Kind) -> Printed:
    """Both files of a letter."""
    return printed(paper_of(kind), EDITION)


def reader(pdf: bytes) -> PdfReader:
    """A PDF to look into."""
    return PdfReader(io.BytesIO(pdf))


def fonts(pdf: bytes) -> list[DictionaryObject]:
    """Every font of every page."""
    found = []
    for page in reader(pdf).pages:
        for font in page["/Resources"].get_object().get("/Font", {}).values():
            found.append(font.get_object())
    return found


def descriptor(font: DictionaryObject) -> Any:
    """The descriptor of a font, of its descendant where it is a composite one."""
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    return inner["/FontDescriptor"].get_object()


@dataclass(frozen=True)
class Sign:
    """A printed sign: where it stands, in points from the lower left corner."""

    text: str
    x0: float
    x1: float
    y0: float
    y1: float
    size: float


def signs(pdf: bytes) -> list[list[Sign]]:
    """The signs of every page."""
    return [list(_signs(page)) for page in extract_pages(io.BytesIO(pdf))]


def _signs(item: Any) -> Iterator[Sign]:
    if isinstance(item, LTChar):
        yield Sign(item.get_text(), item.x0, item.x1, item.y0, item.y1, item.size)
    elif isinstance(item, LTContainer):
        for inner in item:
            yield from _signs(inner)


def text_of(pdf: bytes) -> str:
    """What a reader copies out, without spaces and breaks."""
    whole = "".join(page.extract_text() for page in reader(pdf).pages)
    return "".join(whole.replace("\u200b", "").split())


def tags(pdf: bytes) -> Counter[str]:
    """How often each kind of element stands in the tree of tags."""
    found: Counter[str] = Counter()

    def walk(node: Any) -> None:
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, DictionaryObject):
            found[str(node.get("/S", ""))] += 1
            walk(node.get("/K"))
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(reader(pdf).trailer["/Root"]["/StructTreeRoot"])
    return found
