"""`make words`: what pages and templates say, gathered into the catalogs, one a room and a common one.

Translations stay; what nobody says any more goes. Tells what has no English yet.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from gateway.portal.language import ENGLISH, FOLDER
from gateway.portal.page import pages
from gateway.portal.sentences import sentences
from gateway.portal.wording import CATALOG
from kit.data import terms
from kit.errors import Kind

PORTAL = Path(__file__).parent
BASE = "base"
ROOMS = ("public", "apply", "org", "gov", "dept", "ops", "me")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "false"}  # fmt: skip
DICTIONARIES = ("CATEGORY", "FIELD", "TARGET")
Text = str | tuple[str, ...]


def room_of(file: Path) -> str:
    """The room whose catalog a file's words go to."""
    parts = file.relative_to(PORTAL).parts
    found = [part for part in parts[:-1] if part in ROOMS]
    return found[0] if found else BASE


def texts(file: Path) -> Iterator[Text]:
    """Every text of a file that is to be translated."""
    kind = "python" if file.suffix == ".py" else "jinja2.ext:babel_extract"
    options = {} if file.suffix == ".py" else OPTIONS
    for _line, text, _comments, _context in extract_from_file(
        kind, file, KEYWORDS, options=options
    ):
        yield tuple(text) if isinstance(text, list | tuple) else text


def said() -> Mapping[str, Sequence[Text]]:
    """Every text by room: of files, of menus, of dictionaries, and what refusals say elsewhere."""
    found: dict[str, dict[Text, None]] = defaultdict(dict)
    for file in sorted([*PORTAL.rglob("*.py"), *PORTAL.rglob("*.html")]):
        if file != Path(__file__):
            found[room_of(file)] |= dict.fromkeys(texts(file))
    for page in pages():
        if page.menu:
            found[page.room][page.menu] = None
    found[BASE] |= dict.fromkeys(kind.title for kind in Kind)
    for name in DICTIONARIES:
        found[BASE] |= dict.fromkeys(terms(name).values())
    there = {text for texts in found.values() for text in texts}
    found[CATALOG] = dict.fromkeys(one for one in sentences() if one not in there)
    return {
        room: [text for text in said if room == BASE or text not in found[BASE]]
        for room, said in found.items()
    }


def file_of(room: str) -> Path:
    """The catalog of a room."""
    return FOLDER / ENGLISH / "LC_MESSAGES" / f"{room}.po"


def known(room: str) -> Catalog:
    """The catalog as it is."""
    file = file_of(room)
    if not file.exists():
        return Catalog(locale=ENGLISH)
    with file.open("rb") as source:
        return read_po(source, locale=ENGLISH)


def renewed(room: str, said: Sequence[Text]) -> Catalog:
    """The catalog with exactly what is said."""
    before, after = known(room), Catalog(locale=ENGLISH)
    for text in said:
        old = before.get(text if isinstance(text, str) else text[0])
        after.add(text, old.string if old else None)
    return after


def missing(catalog: Catalog) -> list[str]:
    """What has no English."""
    empty = [one for one in catalog if one.id and not all(strings(one.string))]
    return [one.id if isinstance(one.id, str) else one.id[0] for one in empty]


def strings(told: object) -> Sequence[str]:
    """A translation, or those of singular and plural."""
    return list(told) if isinstance(told, list | tuple) else [str(told or "")]


def main() -> None:
    """Write every catalog."""
    for room, found in said().items():
        catalog = renewed(room, found)
        with file_of(room).open("wb") as target:
            write_po(target, catalog, width=0, sort_output=True, no_location=True, omit_header=True)
        for text in missing(catalog):
            print(f"{room}: no English for {text!r}")


if __name__ == "__main__":
    main()
