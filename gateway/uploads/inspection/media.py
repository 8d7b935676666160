"""The accepted types, their file extensions, and the marks of what hides in other files."""

import re
from collections.abc import Callable
from mmap import mmap

from kit.errors import Refusal, invalid

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
OFD = "application/ofd"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXTENSIONS = {
    "pdf": PDF, "jpg": JPEG, "jpeg": JPEG, "png": PNG, "ofd": OFD, "docx": DOCX, "xlsx": XLSX,
}  # fmt: skip
MEDIA_TYPES = tuple(dict.fromkeys(EXTENSIONS.values()))

Content = bytes | mmap
Write = Callable[[bytes], object]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Head of older Office files, and of newer ones under a password."""
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe")
ARCHIVES = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", OLE, b"%PDF-")
MARKUP = re.compile(rb"<(?:\?php|(?i:script|html|svg|iframe)[\s/>]|(?i:!doctype\s+(?:html|svg)))")
PACKED = re.compile(rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c")
END_OF_ZIP = b"PK\x05\x06"
TAIL = 65_557
"""Bytes in which the end record of a ZIP archive can stand."""
MAX_PIXELS = 40_000_000


def extension_of(media_type: str) -> str:
    """The extension a file of that type is given."""
    return next(name for name, kind in EXTENSIONS.items() if kind == media_type)


def refuse_second_nature(content: Content) -> None:
    """Refuse a picture or document that another program would take for a page or an archive."""
    refuse_page(content)
    refuse_hidden_pdf(content)
    if PACKED.search(content) or ends_as_zip(content):
        raise polyglot("压缩包")


def refuse_page(content: Content) -> None:
    """Refuse what a browser or a web server would run."""
    if MARKUP.search(content) or content.find(b"<%@ page") >= 0:
        raise polyglot("网页或脚本")


def refuse_hidden_pdf(content: Content) -> None:
    """Readers take a file for a PDF that says so within its first 1,024 bytes."""
    if content.find(b"%PDF-", 1, 1024) >= 0:
        raise polyglot("PDF 文档")


def ends_as_zip(content: Content) -> bool:
    """An end record of ZIP that leads to a directory, so that unpackers find an archive."""
    at = content.rfind(END_OF_ZIP, max(0, len(content) - TAIL))
    size = int.from_bytes(content[at + 12 : at + 16], "little")
    return at >= 0 and content[max(0, at - size) : at].startswith(b"PK")


def polyglot(other: str) -> Refusal:
    """422: two files in one."""
    return invalid("upload.polyglot", f"文件中夹带{other}，请重新导出后再上传。")


def refuse_pixels(width: int, height: int) -> None:
    """Refuse a picture without size or beyond 40 million pixels."""
    if width < 1 or height < 1:
        raise invalid("upload.picture", "图片没有有效的尺寸，可能已损坏。")
    if width * height > MAX_PIXELS:
        raise invalid("upload.picture", "图片超过 4000 万像素，请缩小后再上传。")
