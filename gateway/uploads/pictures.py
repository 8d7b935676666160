"""Pictures without what they say about people: place, device, time, comments are left out.

Pixels, colors and the way up stay as they are; what follows the end of the picture is dropped.
"""

import struct
import zlib
from collections.abc import Iterator

from kit.errors import Refusal, invalid

KEPT_CHUNKS = frozenset(
    (b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs", b"bKGD", b"sBIT")
)  # fmt: skip
TAILS = (b"<script", b"<html", b"<?php", b"<svg", b"PK\x03\x04", b"MZ\x90", b"\x7fELF", b"%PDF")
START, END, SCAN, APP0, APP1, APP14, COMMENT = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xEE, 0xFE
ORIENTATION = 0x0112


def cleaned(kind: str, content: bytes) -> bytes:
    """The picture that is kept; Refusal 422 for a broken one or one that hides something else."""
    return clean_jpeg(content) if kind == "image/jpeg" else clean_png(content)


def broken() -> Refusal:
    """422: no picture."""
    return invalid("upload.picture", "图片损坏,或超过 4000 万像素。")


def refuse_tail(tail: bytes) -> None:
    """Refuse a picture that is something else as well."""
    if any(mark in tail.lower() for mark in (mark.lower() for mark in TAILS)):
        raise invalid("upload.unsafe", "文件未通过安全检查:图片后面附有其他内容。")


def clean_jpeg(content: bytes) -> bytes:
    """Segments that make the picture; EXIF reduced to the way up."""
    made, way_up = [b"\xff\xd8"], 1
    for marker, segment in _segments(content):
        if marker == SCAN:
            end = segment.rfind(b"\xff\xd9")
            if end < 0:
                raise broken()
            refuse_tail(segment[end + 2 :])
            made.append(segment[: end + 2])
        elif marker == APP1 and segment[4:10] == b"Exif\x00\x00":
            way_up = orientation(segment[10:])
        elif not APP1 <= marker <= 0xEF or marker == APP14 or b"ICC_PROFILE" in segment[:16]:
            made += [] if marker == COMMENT else [segment]
    if way_up != 1:
        made.insert(1, _exif(way_up))
    return b"".join(made)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, segment with its head); the scan is one segment up to the end of the file."""
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            raise broken()
        marker = content[at + 1]
        if marker == SCAN:
            yield marker, content[at:]
            return
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(content):
            raise broken()
        yield marker, content[at : at + 2 + length]
        at += 2 + length
    raise broken()


def orientation(tiff: bytes) -> int:
    """Way up of an EXIF block, 1 where it says none."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    try:
        (at,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, at)
        for entry in range(min(count, 200)):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, at + 2 + entry * 12)
            if tag == ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _exif(way_up: int) -> bytes:
    entry = struct.pack(">HHIHH", ORIENTATION, 3, 1, way_up, 0)
    tiff = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
    body = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def clean_png(content: bytes) -> bytes:
    """Chunks that make the picture, each with its checksum."""
    made, at, data = [content[:8]], 8, False
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content) or not kind.isalpha():
            raise broken()
        (told,) = struct.unpack_from(">I", content, end - 4)
        if told != zlib.crc32(content[at + 4 : end - 4]):
            raise broken()
        if kind[:1].isupper() or kind in KEPT_CHUNKS:
            made.append(content[at:end])
        data = data or kind == b"IDAT"
        at = end
        if kind == b"IEND":
            refuse_tail(content[at:])
            if not data:
                raise broken()
            return b"".join(made)
    raise broken()
