"""Texts of strangers on paper: shown as text, never as markup; the layout holds; nothing hangs."""

import io
import string
import zipfile
from dataclasses import replace
from unittest.mock import patch

import pytest
from docx import Document

from kit.papers import Paper, Paragraph, Table
from kit.press import EDITION, PrintingFailed, child
from kit.press import press as pressing
from kit.press.press import Printed, print_all, printed
from kit.press.text import MISSING, printable
from services.filing.domain.letters.letter import Kind
from tests.filing.letters.papers import MM, paper_of, print_of, reader, signs, text_of

MARKUP = (
    '#read("/etc/passwd")', "#sys.inputs", '#image("x.png")', "#import \"@preview/x:1.0.0\": *",
    '#eval("1+1")', "$x^2$", "*粗*_斜_", "= 标题", "- 项目", "+ 项目", "/ 词: 义", "@cite", "<label>",
    "`code`", "```typ #panic()```", "\\u{41}", "//注释", "/*注释*/", "#panic()", "#while true {}",
    '#include "x.typ"', "#set page(width: 1pt)", "#show: it => []", "#let x = 1", "#(1+1)",
    "~", "---", "...", "''", '""', "#", "\\", "[", "]", "{", "}", "#{", "#[", "$", "<", ">",
    "<script>alert(1)</script>", "<w:p/>", "&amp;", "]]>", "<?xml?>", "{{7*7}}", "${7*7}", "=1+1",
    '{"paper": 1}', "\"}, {\"text\": \"x", "%s%n", "../../etc/passwd", "'; DROP TABLE filing;--",
    "\u202e倒写", "零\u200b宽", "\x00空", "控\x07制", "换\n行", "制\t表", "\ufeff标", "代\udc80理",
    "e\u0301", "𠀀𠮷", "😀笑", "👨‍👩‍👧", "العربية", "עברית", "ไทย", "한국어", "〓", "　", "龘靐齉", "㐀",
)  # fmt: skip
TEXTS = (
    *MARKUP,
    *(f"#{name}(\"x\")" for name in ("read", "json", "csv", "xml", "yaml", "toml", "plugin", "cbor")),
    *(sign * 40 for sign in string.punctuation),
    *(f"{sign}名称{sign}" for sign in string.punctuation),
    *(f"名称{chr(code)}" for code in range(0x2000, 0x2050)),
)  # fmt: skip


def copied(text: str) -> str:
    """A text as it can be copied from paper."""
    return "".join(printable(text).split())


def test_there_are_200_hostile_texts() -> None:
    assert len(set(TEXTS)) >= 200


def test_hostile_texts_come_out_as_they_are() -> None:
    rows = (("编号", "内容"), *((f"第{n}项", text) for n, text in enumerate(TEXTS)))
    paper = Paper("敌意文本", (Table((1, 3), rows, header=True), Paragraph("完")), form="测试")
    made = printed(paper, EDITION)
    said = text_of(made.pdf)
    lost = [text for text in TEXTS if copied(text) not in said]
    # A reader puts the parts of what runs from right to left together in an order of its own.
    # Dashes and dots of several kinds are one sign on paper.
    told = [text for text in lost if (text.isascii() or "名称" in text) and text[-1] not in "‑–―‧"]
    assert told == []
    for page in signs(made.pdf):
        assert max(sign.x1 - sign.size / 2 for sign in page) <= (210 - 26) * MM + 1


def test_hostile_texts_in_the_twin_too() -> None:
    rows = tuple((text,) for text in TEXTS)
    docx = printed(Paper("敌意文本", (Table((1,), rows),), form="测试"), EDITION).docx
    cells = [row.cells[0].text for row in Document(io.BytesIO(docx)).tables[0].rows]
    assert cells == [printable(text) for text in TEXTS]


@pytest.mark.parametrize(
    "place", ["title", "head", "number", "addressee", "signer", "form", "code"]
)
def test_hostile_texts_everywhere_else(place: str) -> None:
    texts = ("#panic()*x*", "</text><script>", "名" * 100, "w" * 500)
    papers = [replace(paper_of(Kind.BA06), **{place: text}) for text in texts]
    for text, made in zip(texts, print_all([(paper, EDITION) for paper in papers]), strict=True):
        assert isinstance(made, Printed)
        assert copied(text)[:20] in text_of(made.pdf)


def test_a_sign_no_font_has_is_told_as_missing() -> None:
    assert printable("甲😀乙") == f"甲{MISSING}乙"
    assert printable("甲\u202e\u0007乙\n丙") == "甲乙 丙"
    assert MISSING in text_of(printed(Paper("甲😀", (Paragraph("乙"),), form="x"), EDITION).pdf)


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name)
def test_the_same_paper_is_the_same_to_the_byte(kind: Kind) -> None:
    again = printed(paper_of(kind), EDITION)
    assert again == print_of(kind)


def test_the_longest_letter_prints_within_its_bounds() -> None:
    reason = "因" * 1000
    paper = replace(paper_of(Kind.BA06), blocks=tuple(Paragraph(reason) for _ in range(50)))
    assert len(reader(printed(paper, EDITION).pdf).pages) > 50


def test_a_paper_beyond_its_bounds_fails_and_tells_nothing() -> None:
    huge = Paper("巨", tuple(Paragraph("秘密" * 5000) for _ in range(400)), form="x")
    assert child.MAX_SECONDS == 10
    sooner = pressing.PROGRAM.replace(
        "import main; main()", "import main; import kit.press.child as c; c.MAX_SECONDS = 2; main()"
    )
    assert sooner != pressing.PROGRAM
    command = (*pressing.COMMAND[:-1], sooner)
    with patch.object(pressing, "COMMAND", command), pytest.raises(PrintingFailed) as failed:
        printed(huge, EDITION)
    assert "秘密" not in str(failed.value)


def test_a_child_that_hangs_is_ended() -> None:
    sleeping = (pressing.sys.executable, "-c", "import time; time.sleep(60)")
    with (
        patch.object(pressing, "COMMAND", sleeping),
        patch.object(pressing, "WALL_SECONDS", 0.5),
        pytest.raises(PrintingFailed, match="too long"),
    ):
        printed(paper_of(Kind.BA06), EDITION)


def test_an_edition_that_never_was_prints_nothing() -> None:
    with pytest.raises(PrintingFailed, match="KeyError"):
        printed(paper_of(Kind.BA06), "../../etc/passwd")


def test_the_tables_of_the_twin_keep_their_columns() -> None:
    document = Document(io.BytesIO(print_of(Kind.BA01).docx))
    drawn = [block for block in paper_of(Kind.BA01).blocks if isinstance(block, Table)]
    assert len(document.tables) == len(drawn)
    for table, block in zip(document.tables, drawn, strict=True):
        widths = [column.width.mm for column in table.columns]
        share = 156 / sum(block.widths)
        assert widths == pytest.approx([share * width for width in block.widths], abs=0.1)
        rows = [row._tr.trPr for row in table.rows]
        assert all(row.xpath("./w:cantSplit") for row in rows)
        assert bool(rows[0].xpath("./w:tblHeader")) is block.header


def test_a_card_of_the_twin_begins_a_page() -> None:
    lines = Document(io.BytesIO(print_of(Kind.BA05).docx)).paragraphs
    (card,) = [line for line in lines if line.text == "社区社会组织备案卡"]
    assert card.paragraph_format.page_break_before


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name)
def test_the_twin_says_the_same_on_the_same_page(kind: Kind) -> None:
    document = Document(io.BytesIO(print_of(kind).docx))
    section = document.sections[0]
    assert (section.page_width.mm, section.page_height.mm) == pytest.approx((210, 297), abs=0.1)
    assert (section.top_margin.mm, section.left_margin.mm) == pytest.approx((37, 28), abs=0.1)
    said = "".join(line.text for line in document.paragraphs)
    for block in paper_of(kind).blocks:
        if isinstance(block, Paragraph):
            assert block.text in said
    foot = "".join(cell.text for cell in section.footer.tables[0].rows[0].cells)
    assert "7K3M-9Q2D-AAAA-BBBB" in foot
    with zipfile.ZipFile(io.BytesIO(print_of(kind).docx)) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {2026}
