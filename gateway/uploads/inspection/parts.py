"""The parts of an office document: which kind it is, and nothing in it that acts, hides or calls out."""

import re
import struct
from collections.abc import Iterable

from gateway.uploads.inspection import jpeg, markup
from gateway.uploads.inspection.media import (
    ARCHIVES,
    DOCX,
    MARKUP,
    OFD,
    PROGRAMS,
    XLSX,
    refuse_pixels,
)
from gateway.uploads.inspection.refusals import macros, too_complex, unknown_type
from kit.errors import Refusal, invalid

TYPES = "[Content_Types].xml"
MAIN = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": XLSX,
}
"""Type of the document by the type of its main part."""
XML = (".xml", ".rels", ".vml")
READ = re.compile(
    r"^\[content_types\]\.xml$|\.rels$|^xl/externallinks/[^/]+\.xml$|^ofd\.xml$", re.I
)
"""Parts that are read whole."""
PROGRAM = re.compile(
    r"\.(exe|dll|com|scr|bat|cmd|ps1|vbs?|js|jse|wsf|hta|jar|lnk|sh|msi|apk)$", re.I
)
PAGE = re.compile(r"\.(html?|xhtml|mht|mhtml|svg|svgz|swf|php|jsp|asp)$", re.I)
NESTED = re.compile(
    r"\.(zip|7z|rar|gz|bz2|xz|tar|cab|iso|doc[xm]?|dot[xm]|xls[xmb]?|xlt[xm]|xlam|ppt[xm]?|ofd|pdf)$",
    re.I,
)
EMBEDDED = re.compile(r"/embeddings/|oleobject$|/package$", re.I)
"""Name of a part, type of a part, type of a relation."""
MACRO = re.compile(r"vbaproject|vbadata|/activex/|macrosheets/", re.I)
MACRO_TYPE = re.compile(r"macro|vba|activex|/control$|attachedtoolbars|keymap", re.I)
FOREIGN_TYPE = re.compile(r"/(afchunk|subdocument|frame)$", re.I)
"""Relations to pages and documents that are read in when the file is opened."""
LINKED = frozenset({"ddeLink", "oleLink"})
HEAD = 64 * 1024
MAX_PART = 4 * 1024 * 1024


class Parts:
    """What is learned part by part."""

    def __init__(self, names: list[str]) -> None:
        self.names = frozenset(names)
        self.office: set[str] = set()
        self.is_ofd = False
        for name in names:
            refuse_name(name)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Read a part; Refusal for one that may not be there."""
        whole = READ.search(name) is not None
        text, enough = bytearray(), MAX_PART if whole else HEAD
        for piece in pieces:
            text += piece[: enough + 1 - len(text)]
        if whole and len(text) > MAX_PART:
            raise too_complex("文件的内部目录过大")
        refuse_head(name, bytes(text[:HEAD]))
        if whole:
            self.read(name.lower(), bytes(text))

    def read(self, name: str, text: bytes) -> None:
        """Take in a part that says what others are."""
        elements = markup.elements(text)
        if name == "ofd.xml":
            self.is_ofd = bool(elements) and elements[0][0] == "OFD"
        elif name == TYPES.lower():
            self.take_types({attributes.get("ContentType", "") for _, attributes in elements})
        elif name.endswith(".rels"):
            for _, attributes in elements:
                refuse_relation(attributes)
        elif any(element in LINKED for element, _ in elements):
            raise foreign()

    def take_types(self, stated: set[str]) -> None:
        """Refuse macros by the types of parts; note what the main part is."""
        if any(MACRO_TYPE.search(one) for one in stated):
            raise macros()
        if any(EMBEDDED.search(one) for one in stated):
            raise nested()
        self.office = {MAIN[one] for one in stated if one in MAIN}

    def media_type(self) -> str:
        """The kind of document; exactly one."""
        found = [*self.office, *([OFD] if self.is_ofd else [])]
        if len(found) != 1:
            raise unknown_type()
        return found[0]


def refuse_name(name: str) -> None:
    """Refuse what a part's name says it is."""
    if MACRO.search(name):
        raise macros()
    if NESTED.search(name) or EMBEDDED.search(name):
        raise nested()
    if PROGRAM.search(name) or PAGE.search(name):
        raise program()


def refuse_head(name: str, head: bytes) -> None:
    """Refuse what a part is by its first bytes, whatever its name."""
    if head.startswith(ARCHIVES):
        raise nested()
    if head.startswith(PROGRAMS) and not name.lower().endswith(".odttf"):
        raise program()
    if markup.looks_so(head) or name.lower().endswith(XML):
        if MARKUP.search(head[:4096]):
            raise program()
        markup.refuse_prolog(head)
    refuse_picture(head)


def refuse_picture(head: bytes) -> None:
    """The same limit of pixels as for a picture by itself."""
    if head.startswith(b"\x89PNG") and len(head) >= 24:
        refuse_pixels(*struct.unpack(">II", head[16:24]))
    elif head.startswith(b"\xff\xd8\xff") and (size := jpeg.size_of(head)):
        refuse_pixels(*size)


def refuse_relation(attributes: dict[str, str]) -> None:
    """Refuse a relation to a program, or out of the document; links to click on may stay."""
    kind = attributes.get("Type", "")
    if MACRO_TYPE.search(kind):
        raise macros()
    if EMBEDDED.search(kind):
        raise nested()
    target = attributes.get("Target", "").strip().lower()
    outside = attributes.get("TargetMode", "").lower() == "external"
    link = kind.endswith("/hyperlink")
    if FOREIGN_TYPE.search(kind) or (outside and not link):
        raise foreign()
    if target.startswith(("javascript:", "vbscript:", "data:", "file:", "\\\\", "mhtml:")):
        raise foreign()


def program() -> Refusal:
    """422: a program or a page among the parts."""
    return invalid("upload.nested", "文件内不得含有程序、网页或 SVG 图形，请去掉后再上传。")


def nested() -> Refusal:
    """422: a file inside the file."""
    return invalid("upload.nested", "文件内不得再含压缩包或其他文档，请去掉后再上传。")


def foreign() -> Refusal:
    """422: opening the file would fetch something else."""
    return invalid(
        "upload.foreign",
        "文件引用了外部的模板、图片或其他文件，请断开链接、另存为独立文件后再上传。",
    )
