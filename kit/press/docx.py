"""The DOCX twin of a paper: the same texts on the same page for those who go on writing.

Fonts are named, not embedded: 仿宋, 黑体 and 小标宋 are on the machines of offices.
"""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT as VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.shared import Length, Mm, Pt, RGBColor

from kit.press import word
from kit.press.code import as_png
from kit.press.text import LONG, every_text, printable

BODY, HEADING, TITLE = "仿宋", "黑体", "方正小标宋简体"
SIZE, PITCH, SMALL = Pt(15.75), Pt(28.98), Pt(12)
NONE = Pt(0)
BLACK, RED = RGBColor(0, 0, 0), RGBColor(0xD7, 0x00, 0x0F)
WIDTH = 156
"""Of the text, in mm."""
SPACE, GAP, AFTER = Pt(20), Pt(9), Pt(5)
"""White around the number, before a table, after one."""
ROW, NOTE = Pt(16), Pt(11)
"""Lines of a table and of the foot."""
TOGETHER = 168
"""A last paragraph shorter than that never leaves the signature alone on a page."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST = 255
"""Of a property."""
ZIP_TIME = (2026, 1, 1, 0, 0, 0)


def docx_of(paper: dict[str, Any]) -> bytes:
    """The DOCX, the same bytes whenever it is made."""
    told = every_text(paper, printable)
    document = Document()
    _page(document)
    _properties(document, told)
    _foot(document, told)
    _opening(document, told)
    for block in told["blocks"]:
        _block(document, block)
    _signature(document, told)
    for block in told["annex"]:
        _block(document, block)
    out = io.BytesIO()
    document.save(out)
    return _dated(out.getvalue())


def _page(document: DocumentObject) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(12)
    style = document.styles["Normal"]
    style.font.size = SIZE
    word.font(style.element.get_or_add_rPr(), BODY)


def _properties(document: DocumentObject, paper: dict[str, Any]) -> None:
    known = document.core_properties
    known.title, known.author = paper["title"][:LONGEST], paper["head"][:LONGEST]
    known.comments, known.last_modified_by = paper["form"][:LONGEST], paper["head"][:LONGEST]
    known.created = known.modified = EPOCH


def _opening(document: DocumentObject, paper: dict[str, Any]) -> None:
    if paper["head"]:
        _line(document, paper["head"], font=TITLE, size=Pt(28), align=ALIGN.CENTER, color=RED)
        number = _line(document, paper["number"], align=ALIGN.CENTER, above=SPACE, below=SPACE)
        word.rule(number, str(RED))
    _title(document, paper["title"])
    if not paper["head"] and paper["number"]:
        _line(document, paper["number"], size=SMALL, align=ALIGN.RIGHT)
    if paper["addressee"]:
        _line(document, f"{paper['addressee']}：")


def _title(document: DocumentObject, text: str) -> Any:
    return _line(
        document, text, font=TITLE, size=Pt(22), align=ALIGN.CENTER, style="Heading 1", below=GAP
    )


def _block(document: DocumentObject, block: dict[str, Any]) -> None:
    if "text" in block:
        _line(document, block["text"], indented=True)
    elif "heading" in block:
        _line(document, block["heading"], font=HEADING, indented=True, style="Heading 2")
    elif "page" in block:
        _title(document, block["page"]).paragraph_format.page_break_before = True
    else:
        _table(document, block)


def _signature(document: DocumentObject, paper: dict[str, Any]) -> None:
    """Who signs, and the day four signs from the edge."""
    lines = [text for text in (paper["signer"], paper["signed_on"]) if text]
    last = document.paragraphs[-1]
    if lines and "text" in paper["blocks"][-1] and len(last.text) < TOGETHER:
        last.paragraph_format.keep_with_next = True
    for at, text in enumerate(lines):
        above = NONE if at else Length(PITCH * 3 // 2)
        line = _line(document, text, align=ALIGN.RIGHT, above=above)
        line.paragraph_format.keep_with_next = text is not lines[-1]
        if text == paper["signed_on"]:
            line.paragraph_format.right_indent = Length(4 * SIZE)


def _table(document: DocumentObject, block: dict[str, Any]) -> None:
    share = WIDTH / sum(block["widths"])
    table = document.add_table(rows=0, cols=len(block["widths"]), style="Table Grid")
    word.columns(table, [Mm(share * width) for width in block["widths"]])
    word.padding(table, Pt(5), Pt(6))
    _white(document.paragraphs, table)
    for at, row in enumerate(block["rows"]):
        head = block["header"] and at == 0
        line = table.add_row()
        word.whole(line, repeated=head)
        for n, (cell, text) in enumerate(zip(line.cells, row, strict=True)):
            _cell(cell, text, head or (not block["header"] and n % 2 == 0))
    word.height(document.add_paragraph(), AFTER)


def _white(before: list[Any], table: Any) -> None:
    """White before a table that stands under text."""
    if table._tbl.getprevious() is before[-1]._p and before[-1].text:
        before[-1].paragraph_format.space_after = GAP


def _cell(cell: Any, text: str, label: bool) -> None:
    cell.vertical_alignment = VERTICAL.CENTER
    line = cell.paragraphs[0]
    line.alignment = ALIGN.CENTER if label else ALIGN.LEFT
    line.paragraph_format.line_spacing = ROW
    word.close_set(line)
    _run(line, text, HEADING if label else BODY, SMALL)


def _line(
    document: DocumentObject,
    text: str,
    *,
    font: str = BODY,
    size: Pt = SIZE,
    align: ALIGN = ALIGN.JUSTIFY,
    color: RGBColor = BLACK,
    indented: bool = False,
    style: str = "Normal",
    above: Length = NONE,
    below: Length = NONE,
) -> Any:
    line = document.add_paragraph(style=style)
    # What no line can break is not spread over it.
    line.alignment = ALIGN.LEFT if align == ALIGN.JUSTIFY and LONG.search(text) else align
    word.close_set(line)
    line.paragraph_format.line_spacing = max(PITCH, Pt(size.pt * 1.4))
    line.paragraph_format.space_before, line.paragraph_format.space_after = above, below
    if indented:
        line.paragraph_format.first_line_indent = Pt(2 * size.pt)
    _run(line, text, font, size, color)
    return line


def _run(line: Any, text: str, font: str, size: Pt, color: RGBColor = BLACK) -> None:
    run = line.add_run(text)
    run.font.size, run.font.color.rgb, run.font.bold = size, color, False
    word.font(run._r.get_or_add_rPr(), font)


def _foot(document: DocumentObject, paper: dict[str, Any]) -> None:
    """The code to the left, what it is beside it, the number of the page to the right."""
    footer = document.sections[0].footer
    table = footer.add_table(1, 3, Mm(WIDTH))
    word.columns(table, [Mm(18), Mm(WIDTH - 48), Mm(30)])
    word.padding(table, NONE, NONE)
    code, about, number = table.rows[0].cells
    about.vertical_alignment = VERTICAL.CENTER
    lines = [paper["form"]]
    if paper["check"]:
        picture = io.BytesIO(as_png(paper["check"]))
        word.flush(code.paragraphs[0].add_run().add_picture(picture, width=Mm(16)))
        site = paper["check"].partition("?")[0]
        lines = [f"核验码：{paper['code']}", f"核验网址：{site}", *lines]
    for at, text in enumerate(lines):
        line = about.add_paragraph() if at else about.paragraphs[0]
        word.height(line, NOTE)
        _run(line, text, BODY, Pt(9))
    number.paragraphs[0].alignment = ALIGN.RIGHT
    _run(number.paragraphs[0], "— ", BODY, Pt(14))
    word.page_number(number.paragraphs[0], Pt(14))
    _run(number.paragraphs[0], " —", BODY, Pt(14))
    # A footer must end with a paragraph: the one it begins with goes behind the table.
    last = footer.paragraphs[0]
    table._tbl.addnext(last._p)
    word.height(last, Pt(1))


def _dated(made: bytes) -> bytes:
    """The archive with one date for all its parts: it would else tell when it was written."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made)) as found,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        for name in found.namelist():
            kept.writestr(zipfile.ZipInfo(name, ZIP_TIME), found.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
