"""Editions of the layout: one that papers bear is never changed, a new one stands beside it."""

from pathlib import Path

import pylopdf_fonts_zh_cn as fonts

EDITION = "2026-01"
"""What is set from now on."""
FOLDER = Path(__file__).parent
FONTS = Path(fonts.__file__).parent
"""Noto Serif SC stands for 仿宋 and 小标宋, Noto Sans SC for 黑体 (SIL Open Font License)."""


def layout(edition: str) -> bytes:
    """The Typst program of an edition; KeyError for one that never was."""
    file = FOLDER / f"layout_{edition.replace('-', '_')}.typ"
    if not file.is_file():
        raise KeyError(edition)
    return file.read_bytes()
