"""What is kept and what is refused, by content alone."""

import io
import struct
import zipfile
import zlib

import pytest

from gateway.problems import HttpError
from gateway.uploads import inspection
from gateway.uploads.inspection import DOCX, JPEG, OFD, PDF, PNG, XLSX, media_type
from kit.errors import Refusal

TYPES = "[Content_Types].xml"


def png(width, height):
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\x00\x00\x00\x00IEND\xaeB`\x82"


def jpeg(width, height):
    app = b"\xff\xe0\x00\x10JFIF" + b"\x00" * 10
    frame = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"
    return b"\xff\xd8" + app + frame + b"\xff\xd9"


def archive(parts, compression=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, content in parts:
            made.writestr(name, content)
    return file.getvalue()


def docx(*more, types="<Types/>"):
    return archive([(TYPES, types), ("word/document.xml", "<w/>"), *more])


def encrypted(content):
    """Sets the encryption flag of every entry."""
    return content.replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
    )


def link():
    info = zipfile.ZipInfo("word/link")
    info.external_attr = 0o120777 << 16
    return info, "/etc/passwd"


PDF_FILE = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF"

KEPT = {
    "pdf": (PDF_FILE, PDF),
    "png": (png(4000, 3000), PNG),
    "jpg": (jpeg(4000, 3000), JPEG),
    "docx": (docx(), DOCX),
    "xlsx": (archive([(TYPES, "<Types/>"), ("xl/workbook.xml", "<x/>")]), XLSX),
    "ofd": (archive([("OFD.xml", "<o/>"), ("Doc_0/Document.xml", "<d/>")]), OFD),
}

REFUSED = {
    "pdf without end": (PDF_FILE[:-5], "upload.unsafe"),
    "pdf encrypted": (
        PDF_FILE.replace(b"<<>>\n%%EOF", b"<</Encrypt 5 0 R>>\n%%EOF"),
        "upload.encrypted",
    ),
    "pdf and zip": (PDF_FILE + archive([("a", "b")]) + b"%%EOF", "upload.unsafe"),
    "jpg and zip": (jpeg(10, 10) + docx(), "upload.unsafe"),
    "png too large": (png(10_000, 4_001), "upload.picture"),
    "png without size": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 30, "upload.picture"),
    "jpg too large": (jpeg(10_000, 4_001), "upload.picture"),
    "jpg without frame": (b"\xff\xd8\xff\xd9", "upload.picture"),
    "jpg with a loop": (b"\xff\xd8" + b"\xff\xe0\x00\x00" * 9, "upload.picture"),
    "macros": (docx(("word/vbaProject.bin", "x")), "upload.macros"),
    "macros by type": (
        docx(types="<x ContentType='application/vnd.ms-word.document.macroEnabled'/>"),
        "upload.macros",
    ),
    "embedded object": (docx(("word/embeddings/oleObject1.bin", "x")), "upload.macros"),
    "entity": (docx(types="<!DOCTYPE x [<!ENTITY a 'b'>]>"), "upload.unsafe"),
    "encrypted archive": (encrypted(docx()), "upload.encrypted"),
    "encrypted office": (inspection.OLE + b"\x00" * 600, "upload.encrypted"),
    "ratio": (docx(("word/bomb", b"\x00" * 5_000_000)), "upload.unsafe"),
    "entries": (docx(*((f"word/{at}", "x") for at in range(1_000))), "upload.unsafe"),
    "slip": (docx(("../../etc/cron.d/x", "x")), "upload.unsafe"),
    "slip on another system": (docx(("word\\..\\x", "x")), "upload.unsafe"),
    "absolute": (docx(("/etc/x", "x")), "upload.unsafe"),
    "link": (docx(link()), "upload.unsafe"),
    "twice in two spellings": (docx(("WORD/document.xml", "x")), "upload.unsafe"),
    "nested": (docx(("word/more.zip", "x")), "upload.unsafe"),
    "cut off": (docx()[:-30], "upload.unsafe"),
    "head only": (b"PK\x03\x04" + b"\x00" * 100, "upload.unsafe"),
}

UNKNOWN = {
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b"<svg/>",
    "text": "文字".encode(),
    "gif": b"GIF89a",
    "exe": b"MZ\x90\x00",
    "pdf after html": b"<html>" + PDF_FILE,
    "empty zip": b"PK\x05\x06" + b"\x00" * 18,
    "some zip": archive([("a.txt", "x")]),
    "two kinds": docx(("xl/workbook.xml", "x")),
    "office without types": archive([("word/document.xml", "x")]),
}


@pytest.mark.parametrize(("content", "kind"), KEPT.values(), ids=KEPT.keys())
def test_kept(content, kind):
    assert media_type(io.BytesIO(content)) == kind


@pytest.mark.parametrize(("content", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(content, code):
    with pytest.raises(Refusal) as refused:
        media_type(io.BytesIO(content))
    assert refused.value.code == code


@pytest.mark.parametrize("content", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_unknown(content):
    with pytest.raises(HttpError) as refused:
        media_type(io.BytesIO(content))
    assert refused.value.problem.status == 415


def test_a_size_that_lies_is_never_unpacked():
    content = docx(types="<x>" + " " * 300_000 + "</x>" + "abc" * 2_000)
    with pytest.raises(Refusal):
        media_type(io.BytesIO(content))
