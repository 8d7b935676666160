"""JPEG: every segment read, the picture copied byte by byte, metadata and what follows left out.

Nothing is decoded, so the pixels stay as they were; color profile and orientation stay too.
"""

import re
from dataclasses import dataclass, field

from gateway.uploads.inspection import exif
from gateway.uploads.inspection.media import (
    PROGRAMS,
    Content,
    Write,
    polyglot,
    refuse_pixels,
    refuse_second_nature,
)
from gateway.uploads.inspection.refusals import damaged, too_complex
from kit.errors import invalid

START, END = 0xD8, 0xD9
TABLES = (0xC4, 0xDB, 0xDD)
FRAMES = (0xC0, 0xC1, 0xC2)
OTHER_FRAMES = (0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xD0))
"""Lossless, hierarchical, arithmetic: few programs show them."""
SCAN = 0xDA
NEXT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""A marker after a scan: no stuffed byte, no restart."""
PROFILE = b"ICC_PROFILE\x00"
PLAIN_JFIF = b"JFIF\x00"
MAX_PROFILE = 4 * 1024 * 1024
MAX_SCANS = 100
BROKEN = "图片结构不正确"


@dataclass
class Picture:
    """What is kept of a picture, in order."""

    content: Content
    parts: list[bytes] = field(default_factory=list)
    upright: int = 1
    frames: int = 0
    scans: int = 0
    profile: int = 0

    def keep(self, marker: int, body: bytes) -> None:
        """A segment goes into the copy."""
        size = (len(body) + 2).to_bytes(2, "big")
        self.parts.append(bytes((0xFF, marker)) + size + body)

    def segment(self, marker: int, body: bytes) -> None:
        """Keep what makes the picture; text, places and thumbnails fall away."""
        if marker in FRAMES:
            self.frame(body)
        if marker in OTHER_FRAMES:
            raise invalid("upload.picture", "图片采用了少见的 JPEG 编码，请另存为普通 JPG 或 PNG。")
        if marker in (*TABLES, *FRAMES):
            self.keep(marker, body)
        elif 0xE0 <= marker <= 0xEF:
            self.application(marker, body)

    def frame(self, body: bytes) -> None:
        """The size; one frame a picture."""
        self.frames += 1
        if len(body) < 6 or self.frames > 1:
            raise damaged(BROKEN)
        refuse_pixels(int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))

    def application(self, marker: int, body: bytes) -> None:
        """Resolution, color profile and color transform stay; of EXIF the orientation."""
        if marker == 0xE0 and body.startswith(PLAIN_JFIF) and len(body) >= 14:
            self.keep(marker, body[:12] + b"\x00\x00")
        elif marker == 0xE1 and body.startswith(b"Exif\x00\x00"):
            self.upright = max(self.upright, exif.orientation(body[6:]))
        elif marker == 0xE2 and body.startswith(PROFILE):
            self.profile += len(body)
            if self.profile > MAX_PROFILE:
                raise too_complex("图片的色彩配置过大")
            self.keep(marker, body)
        elif marker == 0xEE and body.startswith(b"Adobe"):
            self.keep(marker, body[:12])

    def scan(self, at: int, size: int) -> int:
        """Copy a scan with its head of `size` bytes; where the next marker stands."""
        self.scans += 1
        if self.scans > MAX_SCANS:
            raise too_complex("图片的扫描层过多")
        found = NEXT.search(self.content, at + 2 + size)
        if found is None or not self.frames:
            raise damaged("图片没有结尾")
        self.parts.append(self.content[at : found.start()])
        return found.start()

    def read(self) -> int:
        """Read segments up to the end mark; where the picture ends."""
        at = 2
        while True:
            at = self.marker(at)
            marker, size = self.content[at + 1], int.from_bytes(self.content[at + 2 : at + 4])
            if marker == END:
                return at + 2
            body = self.content[at + 4 : at + 2 + size]
            if marker == SCAN and size > 2:
                at = self.scan(at, size)
                continue
            if size < 2 or len(body) != size - 2 or not 0xC0 <= marker <= 0xFE or marker == START:
                raise damaged(BROKEN)
            self.segment(marker, body)
            at += 2 + size

    def marker(self, at: int) -> int:
        """Where the marker's last 0xFF stands; fill bytes are passed over."""
        if at + 2 > len(self.content) or self.content[at] != 0xFF:
            raise damaged("图片没有结尾" if at >= len(self.content) else BROKEN)
        while at + 2 < len(self.content) and self.content[at + 1] == 0xFF:
            at += 1
        return at


def inspect(content: Content, write: Write) -> None:
    """Write the picture without metadata. Raises Refusal."""
    refuse_second_nature(content)
    picture = Picture(content)
    end = picture.read()
    if not picture.scans:
        raise damaged("图片没有内容")
    if content[end : end + 16].startswith(PROGRAMS):
        raise polyglot("程序")
    write(b"\xff\xd8")
    if picture.upright != 1:
        picture.parts.insert(0, oriented(picture.upright))
    for part in picture.parts:
        write(part)
    write(b"\xff\xd9")


def size_of(head: bytes) -> tuple[int, int] | None:
    """Width and height by the first frame in the head of a picture; None where none is seen."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        if head[at + 1] in (*FRAMES, *OTHER_FRAMES):
            height, width = (int.from_bytes(head[at + n : at + n + 2], "big") for n in (5, 7))
            return width, height
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def oriented(upright: int) -> bytes:
    """An EXIF segment of ours."""
    body = b"Exif\x00\x00" + exif.only(upright)
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
