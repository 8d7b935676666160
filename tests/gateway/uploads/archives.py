"""Archives written by hand, so that every field of them can lie."""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.gateway.uploads.pictures import PNG_FILE

TYPES = "[Content_Types].xml"
OFFICE = "application/vnd.openxmlformats-officedocument."
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


@dataclass(frozen=True)
class Part:
    """An entry; `local` and `central` override fields of its two heads."""

    name: str | bytes
    data: bytes | str = b"<x/>"
    method: int = 8
    flags: int = 0x0800
    attributes: int = 0
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)
    described: bytes | bool = False
    packed: bytes | None = None
    before: bytes = b""

    @property
    def content(self) -> bytes:
        return self.data.encode() if isinstance(self.data, str) else self.data

    @property
    def raw(self) -> bytes:
        return self.name.encode() if isinstance(self.name, str) else self.name

    @property
    def body(self) -> bytes:
        if self.packed is not None:
            return self.packed
        if self.method != 8:
            return self.content
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(self.content) + packer.flush()

    def fields(self, start: int) -> dict[str, Any]:
        return {
            "flags": self.flags | (8 if self.described else 0),
            "method": self.method,
            "crc": zlib.crc32(self.content),
            "packed": len(self.body),
            "size": len(self.content),
            "name": self.raw,
            "extra": b"",
            "attributes": self.attributes,
            "start": start,
            "comment": b"",
            "disk": 0,
        }

    def local_bytes(self) -> bytes:
        told = self.fields(0)
        if self.described:
            told |= {"crc": 0, "packed": 0, "size": 0}
        told |= self.local
        head = struct.pack(
            "<4sHHHHHLLLHH", b"PK\x03\x04", 20, told["flags"], told["method"], 0, 33,
            told["crc"], told["packed"], told["size"], len(told["name"]), len(told["extra"]),
        )  # fmt: skip
        return self.before + head + told["name"] + told["extra"] + self.body + self.after()

    def after(self) -> bytes:
        if self.described is True:
            told = self.fields(0)
            return b"PK\x07\x08" + struct.pack("<3L", told["crc"], told["packed"], told["size"])
        return self.described or b""

    def central_bytes(self, start: int) -> bytes:
        told = self.fields(start) | self.central
        head = struct.pack(
            "<4sHHHHHHLLLHHHHHLL", b"PK\x01\x02", 0x314, 20, told["flags"], told["method"], 0, 33,
            told["crc"], told["packed"], told["size"], len(told["name"]), len(told["extra"]),
            len(told["comment"]), told["disk"], 0, told["attributes"] << 16, told["start"],
        )  # fmt: skip
        return head + told["name"] + told["extra"] + told["comment"]


def zipped(
    parts: Iterable[Part], *, prefix: bytes = b"", gap: bytes = b"", tail: bytes = b"", **end: Any
) -> bytes:
    """The archive; `end` overrides fields of its last record."""
    made, central, count = bytearray(prefix), b"", 0
    for part in parts:
        central += part.central_bytes(len(made) + len(part.before))
        made += part.local_bytes()
        count += 1
    made += gap
    told = {"disk": 0, "here": count, "total": count, "size": len(central), "start": len(made)}
    told |= {"comment": b""} | end
    record = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", told["disk"], told["disk"], told["here"], told["total"],
        told["size"], told["start"], len(told["comment"]),
    )  # fmt: skip
    return bytes(made) + central + record + told["comment"] + tail


def types(main: str, *more: str) -> Part:
    listed = "".join(f'<Override PartName="/x" ContentType="{one}"/>' for one in (main, *more))
    return Part(TYPES, f'<?xml version="1.0" encoding="UTF-8"?><Types>{listed}</Types>')


def relation(kind: str, target: str, mode: str = "Internal") -> str:
    stated = f'Type="{RELATIONS}{kind}" Target="{target}" TargetMode="{mode}"'
    return f'<Relationships><Relationship Id="r1" {stated}/></Relationships>'


WORD = types(OFFICE + "wordprocessingml.document.main+xml")
SHEET = types(OFFICE + "spreadsheetml.sheet.main+xml")
ROOT = Part("_rels/.rels", relation("officeDocument", "word/document.xml"))
DOCUMENT = Part("word/document.xml", '<?xml version="1.0"?><w:document xmlns:w="w"/>')
BOOK = Part("xl/workbook.xml", "<workbook/>")
OFD_ROOT = Part("OFD.xml", '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0"/>')
OFD_DOCUMENT = Part("Doc_0/Document.xml", '<ofd:Document xmlns:ofd="o"/>')
PICTURE = Part("word/media/image1.png", PNG_FILE, method=0)


def docx(*more: Part, head: Part = WORD, **options: Any) -> bytes:
    """A document with more parts."""
    return zipped((head, ROOT, DOCUMENT, *more), **options)


def xlsx(*more: Part, head: Part = SHEET) -> bytes:
    return zipped((head, replace(ROOT), BOOK, *more))


def ofd(*more: Part) -> bytes:
    return zipped((OFD_ROOT, OFD_DOCUMENT, *more))
