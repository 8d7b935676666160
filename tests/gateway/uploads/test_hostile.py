"""Hostile files: refused with a sentence, quickly, in little memory; pictures lose what they tell."""

import io
import resource
import struct
import time
import zipfile
import zlib

import pytest

from gateway.problems import HttpError
from gateway.uploads.pictures import clean_jpeg, clean_png, orientation
from gateway.uploads.route import Received, inspect
from kit.errors import Refusal
from tests.gateway.uploads.test_inspection import KEPT as ACCEPTED
from tests.gateway.uploads.test_inspection import PDF_FILE, REFUSED, UNKNOWN, archive, docx

LIMIT_SECONDS, LIMIT_KB = 2.0, 200 * 1024


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*more: bytes, tail: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(b"\x00" + b"abcdef" + b"\x00" + b"ghijkl"))
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + head + b"".join(more) + rows + chunk(b"IEND", b"") + tail


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


FRAME = segment(0xC0, b"\x08" + struct.pack(">HH", 2, 2) + b"\x01\x01\x11\x00")
SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\x34\x56"


def exif(way_up: int, secret: bytes = b"GPS 20.044,110.199") -> bytes:
    entries = struct.pack(">HHIHH", 0x0112, 3, 1, way_up, 0)
    tiff = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entries + b"\x00\x00\x00\x00" + secret
    return segment(0xE1, b"Exif\x00\x00" + tiff)


def jpeg(*more: bytes, tail: bytes = b"") -> bytes:
    app0 = segment(0xE0, b"JFIF\x00" + b"\x00" * 9)
    return b"\xff\xd8" + app0 + b"".join(more) + FRAME + SCAN + b"\xff\xd9" + tail


def pdf(body: bytes) -> bytes:
    return b"%PDF-1.7\n" + body + b"\ntrailer <<>>\n%%EOF"


def packed(text: bytes) -> bytes:
    return b"<</Filter/FlateDecode>>\nstream\n" + zlib.compress(text) + b"\nendstream"


def lying(content: bytes) -> bytes:
    """The declared size of the last entry made small, in both heads."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        size = struct.pack("<I", opened.infolist()[-1].file_size)
    return content.replace(size, struct.pack("<I", 10))


def overlapping() -> bytes:
    """Two names of one body: a bomb without repetition."""
    content = bytearray(docx(("word/a.xml", b"<a/>" * 50), ("word/b.xml", b"<b/>" * 50)))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as opened:
        a, b = opened.getinfo("word/a.xml"), opened.getinfo("word/b.xml")
    return bytes(content).replace(
        struct.pack("<I", b.header_offset), struct.pack("<I", a.header_offset + 1)
    )


XXE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
TEMPLATE = (
    '<Relationship Type="http://x/attachedTemplate" Target="http://x/a.dotm"'
    ' TargetMode="External"/>'
)
HOSTILE = {
    "pdf with a script": pdf(b"<</S/JavaScript/JS(app.alert(1))>>"),
    "pdf with a spelled script": pdf(b"<</S/J#61vaScript>>"),
    "pdf with a launch": pdf(b"<</S/Launch/F(cmd.exe)>>"),
    "pdf with an embedded file": pdf(b"<</EmbeddedFiles 3 0 R>>"),
    "pdf with a form that acts": pdf(b"<</XFA 3 0 R>>"),
    "pdf with rich media": pdf(b"<</Subtype/RichMedia>>"),
    "pdf with a packed script": pdf(packed(b"<</S/JavaScript>>")),
    "pdf that sends": pdf(b"<</S/SubmitForm/F(http://x)>>"),
    "jpg with html behind": jpeg(tail=b"<html><script>alert(1)</script>"),
    "jpg with php behind": jpeg(tail=b"<?php system($_GET[0]); ?>"),
    "jpg with a program behind": jpeg(tail=b"MZ\x90\x00"),
    "jpg with svg behind": jpeg(tail=b"<SVG onload=alert(1)>"),
    "jpg without end": jpeg()[:-2],
    "jpg with a lying segment": b"\xff\xd8" + b"\xff\xe1\xff\xff" + FRAME + SCAN + b"\xff\xd9",
    "jpg with garbage": b"\xff\xd8\xff\xe0\x00\x04ab" + b"garbage" + FRAME,
    "png with html behind": png(tail=b"<html>"),
    "png with a program behind": png(tail=b"\x7fELF"),
    "png with a wrong checksum": png().replace(b"IDAT", b"IDAX"),
    "png cut off": png()[:-6],
    "png without data": b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
    + chunk(b"IEND", b""),
    "entity in a part": docx(("word/settings.xml", XXE)),
    "entity in another encoding": docx(("word/settings.xml", XXE.encode("utf-16"))),
    "entity in relations": docx(("word/_rels/document.xml.rels", XXE)),
    "entity in an ofd": archive([("OFD.xml", XXE)]),
    "foreign template": docx(("word/_rels/settings.xml.rels", TEMPLATE)),
    "link to a file": docx(("word/_rels/d.xml.rels", '<R Target="file:///etc/passwd"/>')),
    "program under another name": docx(("word/media/image1.png", b"MZ\x90\x00" * 9)),
    "archive under another name": docx(("word/media/image1.png", archive([("a", "b")]))),
    "page inside": docx(("word/a.html", "<script/>")),
    "program inside": docx(("word/run.bat", "x")),
    "size that lies": lying(docx(("word/media/a.bin", bytes(range(256)) * 300))),
    "entries that overlap": overlapping(),
    "checksum that lies": docx(("word/b.xml", b"<unique-part/>")).replace(
        struct.pack("<I", zlib.crc32(b"<unique-part/>")), b"\x00\x01\x02\x03"
    ),
    "bomb beyond the ratio": docx(("word/a.xml", b"<a/>" * 3_000_000)),
}
EVERYTHING = {**HOSTILE, **{name: found[0] for name, found in REFUSED.items()}, **UNKNOWN}


def received(content: bytes) -> Received:
    return Received(io.BytesIO(content), "", len(content))


def test_there_are_sixty() -> None:
    assert len(EVERYTHING) >= 60


@pytest.mark.parametrize("name", EVERYTHING)
def test_refused_with_a_sentence_quickly(name: str) -> None:
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises((Refusal, HttpError)) as refused:
        inspect(received(EVERYTHING[name]))
    assert time.process_time() - began < LIMIT_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < LIMIT_KB
    error = refused.value
    code = error.code if isinstance(error, Refusal) else error.problem.code
    detail = error.detail if isinstance(error, Refusal) else error.problem.detail
    assert code.startswith("upload.")
    assert any("一" <= sign <= "鿿" for sign in detail)


GOOD = {
    "pdf": PDF_FILE,
    "pdf with packed text": pdf(packed(b"BT (hello) Tj ET")),
    "jpg": jpeg(),
    "png": png(),
    "docx": docx(("word/styles.xml", "<s/>")),
    "docx with a picture": docx(("word/media/image1.png", png())),
    "docx with a link to a page": docx(
        ("word/_rels/d.xml.rels", '<R Type="x/hyperlink" Target="https://x" TargetMode="External"/>')
    ),
    "xlsx": ACCEPTED["xlsx"][0],
    "ofd": ACCEPTED["ofd"][0],
    "ofd with a font": archive([("OFD.xml", "<o/>"), ("Doc_0/Res/font.ttf", b"\x00\x01\x00" * 99)]),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_good_files_are_kept(name: str) -> None:
    _, kept = inspect(received(GOOD[name]))
    kept.content.seek(0)
    assert kept.content.read() == GOOD[name]


def test_a_photograph_loses_place_and_comment_and_keeps_its_way_up() -> None:
    comment = segment(0xFE, b"taken by somebody")
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x>GPS</x>")
    clean = clean_jpeg(jpeg(exif(6), comment, xmp, tail=b"\x00\x00"))
    assert b"GPS" not in clean
    assert b"somebody" not in clean
    assert clean[-len(FRAME + SCAN) - 2 :] == FRAME + SCAN + b"\xff\xd9"
    at = clean.index(b"Exif\x00\x00")
    assert orientation(clean[at + 6 :]) == 6
    assert b"Exif" not in clean_jpeg(jpeg(exif(1)))
    assert clean_jpeg(clean) == clean


def test_a_drawing_loses_its_texts_and_keeps_its_pixels() -> None:
    texts = (
        chunk(b"tEXt", b"Author\x00somebody"),
        chunk(b"eXIf", b"GPS"),
        chunk(b"tIME", b"1234567"),
    )
    color = chunk(b"gAMA", struct.pack(">I", 45455))
    clean = clean_png(png(*texts, color))
    assert clean == png(color)


def test_a_large_good_file_is_inspected_in_time() -> None:
    content = pdf(b"x" * (20 * 1024 * 1024 - 40))
    began = time.process_time()
    assert inspect(received(content))[0] == "application/pdf"
    assert time.process_time() - began < 3
