"""Languages: Chinese is written in the source, English comes from the catalogs of `locale/`.

One catalog per room. They are compiled when first asked for, so no compiled file is kept.
"""

import io
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locale"
CHINESE, ENGLISH = "zh-CN", "en"
current: ContextVar[str] = ContextVar("language", default=CHINESE)
"""Language of the page being made."""


@cache
def translations(language: str) -> NullTranslations:
    """Every catalog of a language as one; Chinese needs none."""
    merged = NullTranslations()
    for file in sorted((FOLDER / language / "LC_MESSAGES").glob("*.po")):
        found = compiled(file)
        found.add_fallback(merged)
        merged = found
    return merged


def compiled(file: Path) -> GNUTranslations:
    """One catalog, without what is not translated."""
    with file.open("rb") as source:
        catalog = read_po(source, locale=ENGLISH)
    written = io.BytesIO()
    write_mo(written, catalog)
    written.seek(0)
    return GNUTranslations(written)


def gettext(text: str) -> str:
    """A text in the language of the page."""
    language = current.get()
    return text if language == CHINESE else translations(language).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """A text about a number of things."""
    language = current.get()
    return many if language == CHINESE else translations(language).ngettext(one, many, count)
