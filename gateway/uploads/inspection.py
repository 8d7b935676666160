"""What a file is by its content, and whether it may be kept. Nothing is ever extracted.

Limits: 1,000 entries, expansion 100:1, no archive inside an archive, 40 million pixels.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import IO

from gateway.problems import HttpError, Problem
from gateway.uploads.deep import refuse_active_pdf, refuse_parts, unsafe
from kit.errors import Refusal, invalid

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
OFD = "application/ofd"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = (PDF, JPEG, PNG, OFD, DOCX, XLSX)

MAX_ENTRIES = 1_000
MAX_RATIO = 100
MAX_PIXELS = 40_000_000
MAX_CONTENT_TYPES = 256 * 1024
TAIL = 65_557
"""Bytes in which the end record of a ZIP archive can stand."""

MAGIC = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MARKS = (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX), ("OFD.xml", OFD))
"""Entry that tells what a ZIP archive is."""
NESTED = re.compile(r"\.(zip|7z|rar|gz|bz2|xz|jar|docx|xlsx|ofd|docm|xlsm|exe|dll|js|vbs)$", re.I)
MACRO = re.compile(
    r"(vbaproject\.bin|vbadata\.xml|/activex/|/embeddings/.*\.bin$|macrosheets/)", re.I
)


def media_type(file: IO[bytes]) -> str:
    """The type of a file by its content.

    Raises HttpError 415 for a type that is not accepted, Refusal 422 for a file not to be kept.
    """
    head = _read(file, 0, 16)
    if head.startswith(b"PK\x03\x04"):
        return archive_type(file)
    found = next((kind for magic, kind in MAGIC if head.startswith(magic)), None)
    if found is None:
        raise encrypted() if head.startswith(OLE) else unknown_type()
    if zipfile.is_zipfile(file):
        raise unsafe("文件同时是压缩包。")
    refuse_broken(found, file)
    return found


def _read(file: IO[bytes], at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)


def refuse_broken(found: str, file: IO[bytes]) -> None:
    """Refuse a document without its end, an encrypted one and a picture that is too large."""
    match found:
        case "application/pdf":
            refuse_pdf(file)
            refuse_active_pdf(file)
        case "image/png":
            refuse_pixels(png_size(file))
        case "image/jpeg":
            refuse_pixels(jpeg_size(file))


def refuse_pdf(file: IO[bytes]) -> None:
    """A PDF ends with its mark and is not encrypted."""
    size = file.seek(0, 2)
    tail = _read(file, max(0, size - TAIL), TAIL)
    if b"%%EOF" not in tail[-1024:]:
        raise unsafe("PDF 文件不完整。")
    if re.search(rb"/Encrypt\b", tail):
        raise encrypted()


def png_size(file: IO[bytes]) -> tuple[int, int]:
    """Width and height in the first chunk; (0, 0) where there is none."""
    head = _read(file, 8, 16)
    return struct.unpack(">II", head[8:]) if head[4:8] == b"IHDR" and len(head) == 16 else (0, 0)


def jpeg_size(file: IO[bytes]) -> tuple[int, int]:
    """Width and height in the frame header; (0, 0) where there is none."""
    file.seek(2)
    for _ in range(1_000):
        mark = file.read(4)
        if len(mark) < 4 or mark[0] != 0xFF:
            return 0, 0
        if 0xC0 <= mark[1] <= 0xCF and mark[1] not in (0xC4, 0xC8, 0xCC):
            frame = file.read(5)
            return struct.unpack(">HH", frame[1:])[::-1] if len(frame) == 5 else (0, 0)
        file.seek(max(0, int.from_bytes(mark[2:], "big") - 2), 1)
    return 0, 0


def refuse_pixels(size: tuple[int, int]) -> None:
    """Refuse a picture without size or beyond 40 million pixels."""
    pixels = size[0] * size[1]
    if not 0 < pixels <= MAX_PIXELS:
        raise invalid("upload.picture", "图片损坏,或超过 4000 万像素。")


def archive_type(file: IO[bytes]) -> str:
    """Type of a ZIP archive by its central directory."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            refuse_entries(entries)
            found = kind_of([entry.filename for entry in entries])
            if found is not OFD:
                refuse_content_types(archive)
            refuse_parts(archive, file.seek(0, 2))
            return found
    except (
        zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, EOFError, OSError,
        RuntimeError, zlib.error,
    ) as error:  # fmt: skip
        raise unsafe("压缩结构损坏。") from error


def refuse_entries(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what an archive may not be: encrypted, a bomb, an escape, a nest, full of macros."""
    names = [entry.filename for entry in entries]
    if any(entry.flag_bits & 0x41 for entry in entries):
        raise encrypted()
    packed = sum(entry.compress_size for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_RATIO * max(packed, 1):
        raise unsafe("压缩内容过大或文件过多。")
    if len({name.lower() for name in names}) != len(names) or any(map(escapes, entries)):
        raise unsafe("压缩包内的文件名不安全。")
    if any(MACRO.search(name) for name in names):
        raise invalid("upload.macros", "文件含有宏或嵌入的程序,请另存为不含宏的文件。")
    if any(NESTED.search(name) for name in names):
        raise unsafe("压缩包内不得再含压缩包或程序。")


def escapes(entry: zipfile.ZipInfo) -> bool:
    """The entry is a link, or its name leaves the archive."""
    name = entry.orig_filename
    link = (entry.external_attr >> 16) & 0o170000 == 0o120000
    odd = "\\" in name or "\x00" in name or ":" in name or name.startswith("/")
    return link or odd or ".." in name.split("/")


def kind_of(names: Sequence[str]) -> str:
    """Which of the accepted archives this is; exactly one."""
    found = [kind for mark, kind in MARKS if mark in names]
    if len(found) != 1:
        raise unknown_type()
    return found[0]


def refuse_content_types(archive: zipfile.ZipFile) -> None:
    """Refuse an Office file whose list of parts names macros or carries a document type."""
    try:
        entry = archive.getinfo("[Content_Types].xml")
    except KeyError:
        raise unknown_type() from None
    with archive.open(entry) as part:
        text = part.read(MAX_CONTENT_TYPES + 1)
    if len(text) > MAX_CONTENT_TYPES or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise unsafe("文件结构异常。")
    if b"macroEnabled" in text or b"vbaProject" in text:
        raise invalid("upload.macros", "文件含有宏,请另存为不含宏的文件。")


def unknown_type() -> HttpError:
    """415."""
    detail = "只接受 PDF、JPG、PNG、OFD、DOCX、XLSX 文件,以文件内容为准。"
    return HttpError(Problem(415, "upload.type_refused", "文件类型不支持", detail))


def encrypted() -> Refusal:
    """422: cannot be looked into."""
    return invalid(
        "upload.encrypted", "文件已加密或为旧版格式,请另存为未加密的 PDF、DOCX 或 XLSX。"
    )
