"""What WordprocessingML says and python-docx has no name for."""

from collections.abc import Sequence
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Pt

PARTS = ("ascii", "hAnsi", "eastAsia", "cs")
THEMED = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")


def element(name: str, **values: object) -> Any:
    """`w:name` with `w:` attributes."""
    made = OxmlElement(f"w:{name}")
    for key, value in values.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


def font(properties: Any, name: str) -> None:
    """One font for every script."""
    fonts = properties.get_or_add_rFonts()
    for kind in PARTS:
        fonts.set(qn(f"w:{kind}"), name)
    for kind in THEMED:
        fonts.attrib.pop(qn(f"w:{kind}"), None)


def close_set(line: Any) -> None:
    """No space of its own between Chinese and Latin signs or digits."""
    properties = line._p.get_or_add_pPr()
    for name in ("autoSpaceDE", "autoSpaceDN"):
        properties.insert_element_before(element(name, val=0), "w:spacing", "w:ind", "w:jc")


def rule(line: Any, color: str) -> None:
    """A rule under a paragraph."""
    borders = element("pBdr")
    borders.append(element("bottom", val="single", sz=12, space=11, color=color))
    line._p.get_or_add_pPr().insert_element_before(
        borders, "w:autoSpaceDE", "w:spacing", "w:ind", "w:jc"
    )


def columns(table: Any, widths: Sequence[Length]) -> None:
    """Columns of fixed widths, centered: readers differ in where they begin a table to the left."""
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width


def padding(table: Any, upright: Length, sideways: Length) -> None:
    """White inside the cells of a table."""
    margins = element("tblCellMar")
    for side in ("top", "left", "bottom", "right"):
        width = upright if side in ("top", "bottom") else sideways
        margins.append(element(side, w=width.twips, type="dxa"))
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def whole(row: Any, *, repeated: bool) -> None:
    """A row that no page breaks; `repeated` on every page of its table."""
    properties = row._tr.get_or_add_trPr()
    properties.append(element("cantSplit"))
    if repeated:
        properties.append(element("tblHeader"))


def height(line: Any, points: Length) -> None:
    """Lines of exactly that height, and nothing white around them."""
    line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    line.paragraph_format.line_spacing = points
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(0)


def flush(picture: Any) -> None:
    """No white around a picture: some readers add their own where none is said."""
    for side in ("distT", "distB", "distL", "distR"):
        picture._inline.set(side, "0")


def page_number(line: Any, size: Pt) -> None:
    """The number of the page, as a field."""
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = line.add_run()
        run.font.size = size
        made = element("fldChar", fldCharType=kind) if kind else element("instrText")
        made.text = text or None
        run._r.append(made)
