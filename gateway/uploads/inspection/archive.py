"""ZIP as OFD, DOCX and XLSX use it: read to the letter, because readers differ in what they forgive.

Entries must lie one after the other from the first byte to the directory, and say the same twice.
"""

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.uploads.inspection.media import (
    END_OF_ZIP,
    Content,
    Write,
    refuse_hidden_pdf,
    refuse_page,
)
from gateway.uploads.inspection.parts import Parts
from gateway.uploads.inspection.refusals import damaged, encrypted, too_complex
from kit.errors import Refusal, invalid

END = struct.Struct("<4s4H2LH")
CENTRAL = struct.Struct("<4sHHHHHHLLLHHHHHLL")
LOCAL = struct.Struct("<4sHHHHHLLLHH")
MAX_ENTRIES = 1_000
MAX_RATIO = 100
STORED, DEFLATED = 0, 8
ENCRYPTED, DESCRIBED, UTF8 = 0x2041, 0x0008, 0x0800
KNOWN = 0x0006 | DESCRIBED | UTF8
ZIP64, AES, OTHER_NAME = 0x0001, 0x9901, 0x7075
SPECIAL = (0o120000, 0o060000, 0o020000, 0o010000, 0o140000)
"""Links, devices, pipes, sockets in the attributes of an entry."""
ODD = re.compile(
    r"[\x00-\x1f\x7f-\x9f\\:*?\"<>|\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    r"|(^|/)\.\.?(/|$)|^/|//|[. ](/|$)"
)
"""Signs and steps that no part's name has: control signs, turned direction, ways out."""
STEP = 64 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the directory states it."""

    name: str
    raw: bytes
    flags: int
    method: int
    checksum: int
    packed: int
    size: int
    start: int

    @property
    def stated(self) -> tuple[int, int, int]:
        """Checksum and sizes."""
        return self.checksum, self.packed, self.size


def inspect(content: Content, write: Write) -> str:
    """The media type; nothing is written. Refusal for an archive that is none of ours or could harm."""
    refuse_page(content[:4096])
    refuse_hidden_pdf(content)
    entries, directory = read_directory(content)
    refuse_total(entries)
    refuse_names(entries)
    parts = Parts([entry.name for entry in entries])
    at = 0
    for entry in sorted(entries, key=lambda one: one.start):
        begin, at = locate(content, entry, at)
        parts.add(entry.name, unpack(content, entry, begin))
    if at != directory:
        raise lies()
    return parts.media_type()


def read_directory(content: Content) -> tuple[list[Entry], int]:
    """Entries and where the directory begins."""
    at = len(content) - END.size
    if at < 0 or content[at : at + 4] != END_OF_ZIP:
        if content.rfind(END_OF_ZIP) >= 0:
            raise invalid(
                "upload.polyglot", "压缩结构之后还有其他数据，请用原软件重新另存后再上传。"
            )
        raise damaged("压缩结构没有结尾")
    _, disk, other, here, total, size, start, comment = END.unpack(content[at:])
    if 0xFFFF in (here, total) or 0xFFFFFFFF in (size, start):
        raise zip64()
    if total > MAX_ENTRIES:
        raise too_complex("文件内的条目超过 1,000 个")
    if (disk, other, comment) != (0, 0, 0) or here != total or start + size != at or not total:
        raise lies()
    return list(directory(content[start:at], total)), start


def directory(text: bytes, total: int) -> Iterator[Entry]:
    """The entries of the directory, which must fill it exactly."""
    at = 0
    for _ in range(total):
        if len(text) - at < CENTRAL.size:
            raise lies()
        fields = CENTRAL.unpack_from(text, at)
        name_end = at + CENTRAL.size + fields[10]
        extra_end = name_end + fields[11]
        refuse_extra(text[name_end:extra_end])
        yield entry_of(fields, text[at + CENTRAL.size : name_end])
        at = extra_end + fields[12]
    if at != len(text):
        raise lies()


def entry_of(fields: tuple[int, ...], raw: bytes) -> Entry:
    """One entry; refuses methods, flags and kinds that no document has."""
    _, _, _, flags, method, _, _, checksum, packed, size, *_, disk, _, attributes, start = fields
    if flags & ENCRYPTED:
        raise encrypted()
    if (attributes >> 16) & 0o170000 in SPECIAL:
        raise invalid("upload.entry_name", "压缩结构内含有链接，请用原软件重新另存后再上传。")
    if method not in (STORED, DEFLATED) or flags & ~KNOWN or disk:
        raise invalid("upload.archive", "压缩方式不受支持，请用 Word、WPS 等软件重新另存后再上传。")
    if 0xFFFFFFFF in (packed, size, start):
        raise zip64()
    name = raw.decode("utf-8", "replace") if flags & UTF8 else raw.decode("cp437")
    return Entry(name, raw, flags, method, checksum, packed, size, start)


def refuse_extra(extra: bytes) -> None:
    """Refuse additions that state other sizes or another name."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == ZIP64:
            raise zip64()
        if kind == AES:
            raise encrypted()
        if kind == OTHER_NAME:
            raise lies()
        at += 4 + size


def refuse_total(entries: list[Entry]) -> None:
    """Refuse a bomb by what it says of itself; that it says the truth is seen while unpacking."""
    packed, size = (sum(part) for part in zip(*(e.stated[1:] for e in entries), strict=True))
    if size > MAX_RATIO * max(packed, 1):
        raise too_complex("文件的压缩比超过 100 倍")


def refuse_names(entries: list[Entry]) -> None:
    """Refuse names that leave the archive, deceive the eye or stand twice."""
    names = [unicodedata.normalize("NFKC", entry.name).casefold() for entry in entries]
    if any(ODD.search(entry.name) or not entry.name for entry in entries):
        raise invalid("upload.entry_name", "文件内部的条目名称不安全，请用原软件重新另存后再上传。")
    if len(set(names)) != len(names):
        raise invalid("upload.entry_name", "文件内部有重名的条目，请用原软件重新另存后再上传。")


def locate(content: Content, entry: Entry, expected: int) -> tuple[int, int]:
    """Begin of an entry's data and end of the entry; its own head must say the same."""
    head = content[entry.start : entry.start + LOCAL.size]
    if entry.start != expected or len(head) < LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise lies()
    _, _, flags, method, _, _, *stated, name_size, extra_size = LOCAL.unpack(head)
    name_end = entry.start + LOCAL.size + name_size
    begin = name_end + extra_size
    refuse_extra(content[name_end:begin])
    same = (flags, method, content[entry.start + LOCAL.size : name_end])
    if same != (entry.flags, entry.method, entry.raw):
        raise lies()
    described = bool(flags & DESCRIBED)
    if tuple(stated) != entry.stated and not (described and not any(stated)):
        raise lies()
    end = begin + entry.packed
    return begin, end + (description(content[end : end + 16], entry) if described else 0)


def description(text: bytes, entry: Entry) -> int:
    """Size of what stands behind an entry's data; with or without its mark."""
    plain = struct.pack("<3L", *entry.stated)
    for form in (b"PK\x07\x08" + plain, plain):
        if text.startswith(form):
            return len(form)
    raise lies()


def unpack(content: Content, entry: Entry, begin: int) -> Iterator[bytes]:
    """The entry's content in pieces; refuses a size or checksum that was a lie."""
    size, checksum = 0, 0
    for piece in pieces(content, entry, begin):
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
        if size > entry.size:
            raise lies()
        yield piece
    if (size, checksum) != (entry.size, entry.checksum):
        raise lies()


def pieces(content: Content, entry: Entry, begin: int) -> Iterator[bytes]:
    """Stored or inflated bytes."""
    end = begin + entry.packed
    if entry.method == STORED:
        yield from (content[at : min(at + STEP, end)] for at in range(begin, end, STEP))
        return
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for at in range(begin, end, STEP):
            packed = content[at : min(at + STEP, end)]
            while packed:
                yield unpacker.decompress(packed, 4 * STEP)
                packed = unpacker.unconsumed_tail
                if unpacker.unused_data:
                    raise lies()
        yield unpacker.flush()
    except zlib.error as error:
        raise damaged("压缩内容无法解开") from error
    if not unpacker.eof:
        raise damaged("压缩内容不完整")


def lies() -> Refusal:
    """422: two readers could see two different documents."""
    detail = "压缩结构前后不一致，文件可能被改动过，请用原软件重新另存后再上传。"
    return invalid("upload.archive", detail)


def zip64() -> Refusal:
    """422: no file of 20 MB needs it, and its sizes stand in three places."""
    detail = "不接受 ZIP64 格式，请用 Word、WPS 等软件重新另存后再上传。"
    return invalid("upload.archive", detail)
