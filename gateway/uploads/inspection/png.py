"""PNG: every chunk checked, the picture's data unpacked and counted, metadata left out."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.uploads.inspection import exif
from gateway.uploads.inspection.media import (
    Content,
    Write,
    polyglot,
    refuse_pixels,
    refuse_second_nature,
)
from gateway.uploads.inspection.refusals import damaged

MAGIC = b"\x89PNG\r\n\x1a\n"
KEPT = frozenset({b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs", b"cICP"})
"""Chunks that change how the picture looks; none may hold text."""
MAX_CHUNK = 4 * 1024
"""Bytes of such a chunk."""
MAX_PROFILE = 4 * 1024 * 1024
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # fmt: skip
"""First column, first row, step of columns, step of rows of each pass."""
BROKEN = "图片结构不正确"
STEP = 64 * 1024


def chunks(content: Content) -> Iterator[tuple[bytes, bytes]]:
    """Name and data of every chunk, their sums checked; the last is the last of the file."""
    at, name = len(MAGIC), b""
    while name != b"IEND":
        head = content[at : at + 8]
        size, name = int.from_bytes(head[:4], "big"), head[4:]
        end = at + 12 + size
        if len(head) < 8 or end > len(content):
            raise damaged("图片没有结尾")
        data = content[at + 8 : end - 4]
        if zlib.crc32(data, zlib.crc32(name)) != int.from_bytes(content[end - 4 : end], "big"):
            raise damaged("图片校验不符")
        yield name, data
        at = end
    if content[at:].strip(b"\x00"):
        raise polyglot("图片以外的数据")


def unpacked_size(head: bytes) -> int:
    """Bytes of the unpacked picture by its header; refuses a header that makes no sense."""
    if len(head) != 13:
        raise damaged(BROKEN)
    width, height = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    depth, color, packing, filtering, interlaced = head[8:]
    refuse_pixels(width, height)
    if depth not in DEPTHS.get(color, ()) or packing or filtering or interlaced > 1:
        raise damaged(BROKEN)
    bits = depth * CHANNELS[color]
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    return sum(
        rows(height, y, down) * (1 + (rows(width, x, right) * bits + 7) // 8)
        for x, y, right, down in passes
        if rows(width, x, right)
    )


def rows(total: int, first: int, step: int) -> int:
    """How many of `total` a pass sees."""
    return max(0, (total - first + step - 1) // step)


@dataclass
class Pixels:
    """The picture's data on its way through the unpacker; none of it is kept."""

    left: int
    unpacker: "zlib._Decompress" = field(default_factory=zlib.decompressobj)

    def feed(self, data: bytes) -> None:
        """Count what comes out; refuse more than the header said."""
        for at in range(0, len(data), STEP):
            packed = data[at : at + STEP]
            while packed:
                self.left -= len(self.unpacker.decompress(packed, 16 * STEP))
                packed = self.unpacker.unconsumed_tail
                if self.left < 0 or self.unpacker.unused_data:
                    raise damaged("图片数据与所称尺寸不符")

    def end(self) -> None:
        """Refuse less than the header said."""
        self.left -= len(self.unpacker.flush())
        if self.left or not self.unpacker.eof:
            raise damaged("图片数据与所称尺寸不符")


def inspect(content: Content, write: Write) -> None:
    """Write the picture without metadata. Raises Refusal."""
    refuse_second_nature(content)
    parts = chunks(content)
    name, head = next(parts)
    if name != b"IHDR":
        raise damaged(BROKEN)
    pixels = Pixels(unpacked_size(head))
    write(MAGIC + chunk(b"IHDR", head))
    try:
        copy(parts, pixels, write)
        pixels.end()
    except zlib.error as error:
        raise damaged("图片数据无法解开") from error


def copy(parts: Iterator[tuple[bytes, bytes]], pixels: Pixels, write: Write) -> None:
    """Write what makes the picture, in its order."""
    for name, data in parts:
        if name == b"IDAT":
            pixels.feed(data)
        elif name == b"iCCP":
            data = profile(data)
        elif name == b"eXIf":
            data = upright(data)
        elif name in (b"IHDR", *KEPT) and (name == b"IHDR" or len(data) > MAX_CHUNK):
            raise damaged(BROKEN)
        elif name not in (*KEPT, b"IEND"):
            continue
        if data or name in (b"IDAT", b"IEND"):
            write(chunk(name, data))


def profile(data: bytes) -> bytes:
    """The color profile under a name of ours; nothing for one that cannot be unpacked."""
    unpacker = zlib.decompressobj()
    packed = data.partition(b"\x00")[2][1:]
    try:
        size = len(unpacker.decompress(packed, MAX_PROFILE))
    except zlib.error:
        return b""
    return b"icc\x00\x00" + packed if size and unpacker.eof and not unpacker.unused_data else b""


def upright(data: bytes) -> bytes:
    """EXIF with nothing but the orientation; nothing for an upright picture."""
    said = exif.orientation(data)
    return exif.only(said) if said != 1 else b""


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk with its sum."""
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
