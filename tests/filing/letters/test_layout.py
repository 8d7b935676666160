"""U13: A4, margins, 22 lines of 28 signs, embedded fonts, tags, text that can be copied, PDF/A as claimed.

What is looked at here is what a file says of itself (XMP, output intent, fonts, tags); every clause of
ISO 19005-2 and ISO 14289-1 is judged by a validator in `tests/real/test_papers.py`.
"""

import re
from itertools import pairwise

import pytest

from kit.papers import Paper, Paragraph, Table
from kit.press import EDITION
from kit.press.press import printed
from services.filing.domain.letters.letter import Kind
from tests.filing.letters.papers import (
    CODE,
    MM,
    Sign,
    descriptor,
    fonts,
    paper_of,
    print_of,
    reader,
    signs,
    tags,
    text_of,
)

KINDS = pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name)
LEFT, RIGHT, TOP, BOTTOM = 28 * MM, (210 - 26) * MM, (297 - 37) * MM, 35 * MM
A_POINT = 1.0


def ink(sign: Sign) -> tuple[float, float]:
    """Where a sign is black: half of a mark of punctuation is white, and may hang over the edge."""
    half = sign.size / 2
    opens, closes = sign.text in "（《〔“", sign.text in "，。；：、）》〕”"
    return sign.x0 + opens * half, sign.x1 - closes * half


@KINDS
def test_every_page_is_a4_with_its_margins(kind: Kind) -> None:
    pdf = print_of(kind).pdf
    for page in reader(pdf).pages:
        size = (float(page.mediabox.width), float(page.mediabox.height))
        assert size == pytest.approx((210 * MM, 297 * MM), abs=0.5)
    for page in signs(pdf):
        body = [sign for sign in page if sign.y0 > BOTTOM]
        foot = [sign for sign in page if sign.y0 <= BOTTOM]
        assert body
        assert foot
        assert min(ink(sign)[0] for sign in page) >= LEFT - A_POINT
        assert max(ink(sign)[1] for sign in page) <= RIGHT + A_POINT
        assert max(sign.y1 for sign in page) <= TOP + 12, "a tall sign may stand over its line"


@KINDS
def test_every_font_is_embedded_and_none_is_drawn(kind: Kind) -> None:
    found = fonts(print_of(kind).pdf)
    assert found
    for font in found:
        assert font["/Subtype"] == "/Type0"
        assert {"/FontFile2", "/FontFile3"} & set(descriptor(font)), font["/BaseFont"]
        assert re.match(r"/[A-Z]{6}\+NotoS", str(font["/BaseFont"])), "a subset of our fonts"
        assert "/ToUnicode" in font


@KINDS
def test_it_is_tagged_and_claims_what_it_is(kind: Kind) -> None:
    pdf = print_of(kind).pdf
    root = reader(pdf).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/OutputIntents"][0].get_object()["/S"] == "/GTS_PDFA1"
    assert "/DestOutputProfile" in root["/OutputIntents"][0].get_object()
    about = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in about
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in about
    assert "<pdfuaid:part>1</pdfuaid:part>" in about
    assert kind.value in about
    found = tags(pdf)
    assert found["/H1"] >= 1
    assert found["/P"] > 1
    has_table = any(isinstance(block, Table) for block in paper_of(kind).blocks)
    assert bool(found["/TD"]) is has_table


@KINDS
def test_its_text_can_be_copied_and_every_page_bears_the_code(kind: Kind) -> None:
    pdf = print_of(kind).pdf
    assert kind.value in text_of(pdf)
    for number, page in enumerate(reader(pdf).pages, 1):
        said = "".join(page.extract_text().split())
        assert f"核验码：{CODE}" in said
        assert f"—{number}—" in said
        assert f"{kind.form}{EDITION}" in said


@KINDS
def test_the_red_head_is_for_what_is_issued(kind: Kind) -> None:
    pdf = print_of(kind).pdf
    content = b"".join(page.get_contents().get_data() for page in reader(pdf).pages)  # type: ignore[union-attr]
    red = re.search(rb"0\.843\d* 0 0\.058\d* (?:rg|scn)", content)
    applicants = kind in (Kind.BA01, Kind.BA02)
    assert bool(red) is not applicants
    assert text_of(pdf).startswith("海口市龙华区大同街道办事处") is not applicants


def test_22_lines_of_28_signs() -> None:
    """What GB/T 9704 asks of a page, counted where the signs stand."""
    whole = Paper("试", (Paragraph("一" * 28 * 60),), form="测试")
    first = printed(whole, EDITION).pdf
    body = [sign for sign in signs(first)[1] if sign.text == "一"]
    lines = sorted({round(sign.y0, 1) for sign in body}, reverse=True)
    assert len(lines) == 22
    for line in lines:
        assert sum(round(sign.y0, 1) == line for sign in body) == 28
    assert all(a - b == pytest.approx(28.98, abs=0.1) for a, b in pairwise(lines))
    assert max(sign.x1 for sign in body) - min(sign.x0 for sign in body) <= 156 * MM + 0.1
    assert {round(sign.size, 2) for sign in body} == {15.75}
