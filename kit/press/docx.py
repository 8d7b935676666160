"""The DOCX twin of a paper: the same texts on the same page for those who go on writing.

Fonts are named, not embedded: 仿宋, 黑体 and 小标宋 are on the machines of offices.
"""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from kit.press.code import as_png
from kit.press.text import every_text, printable

BODY, HEADING, TITLE = "仿宋", "黑体", "方正小标宋简体"
SIZE, PITCH, SMALL = Pt(15.75), Pt(28.98), Pt(12)
BLACK, RED = RGBColor(0, 0, 0), RGBColor(0xD7, 0x00, 0x0F)
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
    for text in filter(None, (told["signer"], told["signed_on"])):
        _line(document, text, align=ALIGN.RIGHT)
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
    _font(style.element.get_or_add_rPr(), BODY)


def _properties(document: DocumentObject, paper: dict[str, Any]) -> None:
    known = document.core_properties
    known.title, known.author = paper["title"][:LONGEST], paper["head"][:LONGEST]
    known.comments, known.last_modified_by = paper["form"][:LONGEST], paper["head"][:LONGEST]
    known.created = known.modified = EPOCH


def _opening(document: DocumentObject, paper: dict[str, Any]) -> None:
    if paper["head"]:
        _line(document, paper["head"], font=TITLE, size=Pt(28), align=ALIGN.CENTER, color=RED)
        _line(document, paper["number"], align=ALIGN.CENTER, ruled=True)
    _line(document, paper["title"], font=TITLE, size=Pt(22), align=ALIGN.CENTER, style="Heading 1")
    if not paper["head"] and paper["number"]:
        _line(document, paper["number"], size=SMALL, align=ALIGN.RIGHT)
    if paper["addressee"]:
        _line(document, f"{paper['addressee']}：")


def _block(document: DocumentObject, block: dict[str, Any]) -> None:
    if "text" in block:
        _line(document, block["text"], indented=True)
    elif "heading" in block:
        _line(document, block["heading"], font=HEADING, indented=True, style="Heading 2")
    elif "page" in block:
        document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        _line(document, block["page"], font=TITLE, size=Pt(22), align=ALIGN.CENTER, style="Heading 1")  # fmt: skip
    else:
        _table(document, block)


def _table(document: DocumentObject, block: dict[str, Any]) -> None:
    table = document.add_table(rows=0, cols=len(block["widths"]), style="Table Grid")
    share = 156 / sum(block["widths"])
    for at, row in enumerate(block["rows"]):
        cells = table.add_row().cells
        for n, (cell, text) in enumerate(zip(cells, row, strict=True)):
            cell.width = Mm(share * block["widths"][n])
            label = at == 0 if block["header"] else n % 2 == 0
            _run(cell.paragraphs[0], text, HEADING if label else BODY, SMALL)
    document.add_paragraph()


def _line(
    document: DocumentObject,
    text: str,
    *,
    font: str = BODY,
    size: Pt = SIZE,
    align: ALIGN = ALIGN.JUSTIFY,
    color: RGBColor = BLACK,
    indented: bool = False,
    ruled: bool = False,
    style: str = "Normal",
) -> None:
    line = document.add_paragraph(style=style)
    line.alignment = align
    line.paragraph_format.line_spacing = max(PITCH, Pt(size.pt * 1.4))
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(0)
    if indented:
        line.paragraph_format.first_line_indent = Pt(2 * size.pt)
    if ruled:
        _rule(line)
    _run(line, text, font, size, color)


def _run(line: Any, text: str, font: str, size: Pt, color: RGBColor = BLACK) -> None:
    run = line.add_run(text)
    run.font.size, run.font.color.rgb, run.font.bold = size, color, False
    _font(run._r.get_or_add_rPr(), font)


def _font(properties: Any, name: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{kind}"), name)
    for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{kind}"), None)


def _rule(line: Any) -> None:
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "6"), ("color", str(RED))):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    line._p.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc")


def _foot(document: DocumentObject, paper: dict[str, Any]) -> None:
    foot = document.sections[0].footer.paragraphs[0]
    if paper["check"]:
        picture = io.BytesIO(as_png(paper["check"]))
        foot.add_run().add_picture(picture, width=Mm(16))
        site = paper["check"].partition("?")[0]
        _run(foot, f"  核验码：{paper['code']}  核验网址：{site}  ", BODY, Pt(9))
    _run(foot, f"{paper['form']}    — ", BODY, Pt(9))
    _number(foot)
    _run(foot, " —", BODY, Pt(9))


def _number(line: Any) -> None:
    """The number of the page, as a field."""
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = line.add_run()
        run.font.size = Pt(14)
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text or None
        run._r.append(element)


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
