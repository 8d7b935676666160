"""A paper as PDF/A-2a and PDF/UA-1: A4, tagged, every font embedded."""

import json
from functools import cache
from typing import Any

import typst

from kit.press.code import as_svg
from kit.press.editions import FONTS, layout
from kit.press.text import breakable, every_text

STANDARDS = ["a-2a", "ua-1"]
Compiler: Any = typst.Compiler
"""The types its stubs give cannot be inferred."""


def pdf_of(paper: dict[str, Any], edition: str) -> bytes:
    """The PDF, the same bytes whenever it is made."""
    made = laid_out(paper, edition).compile(format="pdf", pdf_standards=STANDARDS, timestamp=0)
    assert isinstance(made, bytes)
    return made


def laid_out(paper: dict[str, Any], edition: str) -> Any:
    """The paper in its layout, to be written in one format or another."""
    told = every_text(paper, breakable) | {
        "qr": as_svg(paper["check"]) if paper["check"] else "",
        "site": breakable(paper["check"].partition("?")[0]),
        "check": paper["check"],
    }
    return Compiler(
        layout(edition),
        sys_inputs={"paper": json.dumps(told, ensure_ascii=False)},
        font_paths=_fonts(),
        ignore_system_fonts=True,
    )


@cache
def _fonts() -> typst.Fonts:
    """Read once: reading them takes as long as setting a paper."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])
