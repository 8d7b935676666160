"""Pictures: good ones by Pillow, odd ones segment by segment."""

import io
import struct
import zlib
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD
from PIL.PngImagePlugin import PngInfo

SECRET = "秘密 20.044,110.199 somebody"
"""What must be gone."""
GPS = {1: "N", 2: (20.0, 2.0, 38.0), 3: "E", 4: (110.0, 11.0, 56.0)}


def noise(mode: str = "RGB", size: tuple[int, int] = (64, 48), seed: int = 7) -> Image.Image:
    """A picture that looks like a photograph to a packer."""
    count = size[0] * size[1] * len(Image.new(mode, (1, 1)).getbands())
    content = (zlib.crc32(at.to_bytes(4, "big"), seed) & 0xFF for at in range(count))
    return Image.frombytes(mode, size, bytes(content))


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def exif(orientation: int = 1) -> bytes:
    """EXIF as a phone writes it: maker, place, words."""
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010F], made[0x9286] = "somebody's phone", SECRET.encode()
    made.get_ifd(IFD.GPSInfo).update(GPS)
    return made.tobytes()


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


XMP = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>" + SECRET.encode())
COMMENT = segment(0xFE, SECRET.encode())
IPTC = segment(0xED, b"Photoshop 3.0\x00" + SECRET.encode())


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 2, height: int = 2, *more: bytes, data: bytes | None = None) -> bytes:
    """Eight bits of RGB, by hand; `more` stands before the data."""
    if data is None:
        data = zlib.compress((b"\x00" + bytes(range(3 * width))) * height)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    middle = b"".join((*more, chunk(b"IDAT", data)))
    return b"\x89PNG\r\n\x1a\n" + head + middle + chunk(b"IEND", b"")


def talking_png(**options: Any) -> bytes:
    """A drawing with every kind of text."""
    texts = PngInfo()
    texts.add_text("Author", SECRET)
    texts.add_itxt("XML:com.adobe.xmp", SECRET)
    texts.add_text("Comment", SECRET, zip=True)
    made = saved(noise("RGBA"), "PNG", pnginfo=texts, exif=exif(), **options)
    return made.replace(chunk(b"IEND", b""), chunk(b"tIME", b"1234567") + chunk(b"IEND", b""))


def woven(width: int, height: int) -> bytes:
    """Gray, in the seven passes of an interlaced PNG."""
    rows = b""
    for x, y, right, down in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):  # fmt: skip
        columns = bytes(7 * at % 256 for at in range(x, width, right))
        rows += (b"\x00" + columns) * len(range(y, height, down)) if columns else b""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 1)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


PNG_FILE = png()
JPEG_FILE = saved(noise(), "JPEG", quality=85)


def frame(width: int, height: int, marker: int = 0xC0) -> bytes:
    return segment(marker, b"\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00")


def jpeg(*segments: bytes) -> bytes:
    """A JPEG by hand, with a scan of three bytes."""
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\x34\x56"
    return b"\xff\xd8" + b"".join(segments) + scan + b"\xff\xd9"
