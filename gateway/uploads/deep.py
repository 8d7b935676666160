"""What stands inside a document: parts that act, parts that lie about their size, foreign references.

Everything is read within limits: 200 MB unpacked in all, 4 MB of a compressed PDF stream.
"""

import itertools
import re
import zipfile
import zlib
from typing import IO

from kit.errors import Refusal, invalid

UNPACKED = 200 * 1024 * 1024
STREAM = 4 * 1024 * 1024
STREAMS = 64 * 1024 * 1024
STEP = 256 * 1024
ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|Movie|Sound)\b"
)
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM_OF = re.compile(rb"stream\r?\n")
DTD = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.I)
FOREIGN = re.compile(
    rb"(attachedTemplate|oleObject|/frame|externalLinkPath|subDocument)[^>]*TargetMode\s*="
    rb"|TargetMode\s*=\s*[\"']External[\"'][^>]*(attachedTemplate|oleObject|/frame|subDocument)"
    rb"|Target\s*=\s*[\"'](file:|\\\\\\\\|mhtml:|javascript:)",
    re.I,
)
PROGRAM = re.compile(r"\.(exe|dll|js|vbs|bat|cmd|ps1|scr|hta|jar|lnk|sh|html?|svg|swf)$", re.I)
HEADS = (
    b"MZ\x90",
    b"\x7fELF",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
)
XML = re.compile(r"\.(xml|rels|vml)$", re.I)


def refuse_active_pdf(file: IO[bytes]) -> None:
    """Refuse a PDF with scripts, launches, embedded files or forms that act."""
    file.seek(0)
    content = file.read()
    for text in (content, *_streams(content)):
        if ACTIVE.search(_unescaped(text)):
            raise invalid("upload.active", "PDF 含有脚本、启动动作或嵌入文件,请重新导出后上传。")


def _unescaped(text: bytes) -> bytes:
    return ESCAPED.sub(lambda found: bytes((int(found[1], 16),)), text)


def _streams(content: bytes) -> list[bytes]:
    """Compressed parts of a PDF, each within its limit."""
    found, total = [], 0
    for start in STREAM_OF.finditer(content):
        unpacker = zlib.decompressobj()
        try:
            text = unpacker.decompress(content[start.end() :][:STREAM], STREAM)
        except zlib.error:
            continue
        total += len(text)
        if total > STREAMS:
            raise unsafe("压缩内容过大。")
        found.append(text)
    return found


def refuse_parts(archive: zipfile.ZipFile, packed_size: int) -> None:
    """Read every part of an archive within limits; refuse what lies, acts or points elsewhere."""
    entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
    for entry, following in itertools.pairwise(entries):
        if entry.header_offset + 30 + entry.compress_size > following.header_offset:
            raise unsafe("压缩包内的文件互相重叠。")
    total = 0
    for entry in entries:
        if PROGRAM.search(entry.filename):
            raise unsafe("压缩包内不得含有程序或网页。")
        total += _read_part(archive, entry, UNPACKED - total)
    if total > 100 * max(packed_size, 1):
        raise unsafe("压缩内容过大。")


def _read_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    size, before = 0, b""
    with archive.open(entry) as part:
        while chunk := part.read(STEP):
            if size == 0 and chunk.startswith(HEADS):
                raise unsafe("压缩包内不得再含压缩包或程序。")
            size += len(chunk)
            if size > left or size > entry.file_size:
                raise unsafe("压缩内容过大,或与声明的大小不符。")
            if XML.search(entry.filename):
                refuse_markup(before[-512:] + chunk)
            before = chunk
    if size != entry.file_size:
        raise unsafe("压缩内容与声明的大小不符。")
    return size


def refuse_markup(text: bytes) -> None:
    """Refuse document types, entities and references out of the document, in any encoding."""
    plain = text.replace(b"\x00", b"")
    if DTD.search(plain):
        raise unsafe("文件结构异常。")
    if FOREIGN.search(plain):
        raise invalid("upload.foreign", "文件引用了外部模板或对象,请另存为独立的文件。")


def unsafe(reason: str) -> Refusal:
    """422: the file could harm who opens it."""
    return invalid("upload.unsafe", f"文件未通过安全检查:{reason}")
