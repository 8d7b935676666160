"""PDF files and pictures that should not be kept, with the code each is refused by."""

import struct
import zlib

from tests.gateway.uploads.archives import docx, xlsx
from tests.gateway.uploads.pdfs import (
    END,
    HIDDEN,
    PAGE,
    SCRIPT,
    image,
    objects,
    pdf,
    predicted,
    raw,
    stream,
)
from tests.gateway.uploads.pictures import (
    JPEG_FILE,
    PNG_FILE,
    chunk,
    frame,
    jpeg,
    png,
    segment,
    with_segments,
)

OBJSTM = b"/Type/ObjStm/N 1/First 4"
PHP = b"<?php system($_GET[0]); ?>"
PAGE_TAIL = b"<html><script>alert(1)</script>"
ROW = b"\x00" + bytes(6)

PDFS = {
    "script": (pdf(SCRIPT), "active"),
    "script spelled": (pdf(b"<</S/J#61vaScript>>"), "active"),
    "script spelled wholly": (pdf(b"<</S/#4A#61#76#61#53#63#72#69#70#74>>"), "active"),
    "script in a revision": (pdf(PAGE, end=END + b"9 0 obj" + SCRIPT + b"endobj\n" + END), "active"),
    "script behind a wrong table": (pdf(PAGE, b"<</A" + SCRIPT + b">>"), "active"),
    "launch": (pdf(b"<</S/Launch/F(cmd.exe)>>"), "active"),
    "form that acts": (pdf(b"<</AcroForm<</XFA 3 0 R>>>>"), "active"),
    "form that sends": (pdf(b"<</S/SubmitForm/F(http://x)>>"), "active"),
    "form that reads": (pdf(b"<</S/ImportData/F(x)>>"), "active"),
    "rich media": (pdf(b"<</Subtype/RichMedia>>"), "active"),
    "film": (pdf(b"<</S/Rendition/JS(x)>>"), "active"),
    "embedded file": (pdf(b"<</Names<</EmbeddedFiles 3 0 R>>>>"), "attached"),
    "embedded without type": (pdf(b"<</Type/Filespec/EF<</F 3 0 R>>>>"), "attached"),
    "embedded by reference": (pdf(b"<</E#46 % x\n 3 0 R>>"), "attached"),
    "attachment": (pdf(b"<</Subtype/FileAttachment>>"), "attached"),
    "jump into an attachment": (pdf(b"<</S/GoToE>>"), "attached"),
    "encrypted": (pdf(PAGE, end=b"trailer<</Root 1 0 R/Encrypt 5 0 R>>\n%%EOF"), "encrypted"),
    "encrypted by a stream": (pdf(raw(b"/Type/XRef/Encrypt 5 0 R", b"")), "encrypted"),
    "packed script": (pdf(objects(SCRIPT)), "active"),
    "packed and spelled script": (pdf(objects(b"<</S/J#61vaScript>>")), "active"),
    "packed attachment": (pdf(objects(b"<</EF 3 0 R>>")), "attached"),
    "packed under a spelled type": (pdf(objects(SCRIPT, b"/Type/Obj#53tm/N 1/#46irst 4")), "active"),
    "packed without type": (pdf(objects(SCRIPT, b"/N 1/First 4")), "active"),
    "packed as a picture": (pdf(objects(SCRIPT, OBJSTM + b"/Subtype/Image/Width 1/Height 1")), "active"),
    "packed behind a text": (pdf(objects(SCRIPT, OBJSTM + b"/X(endobj 1 0 obj<</Y)")), "active"),
    "packed behind nested texts": (pdf(objects(SCRIPT, OBJSTM + b"/X(a(b(c)\\)stream)d)")), "active"),
    "packed behind a comment": (pdf(objects(SCRIPT, OBJSTM + b"%stream\n")), "active"),
    "packed behind a name": (pdf(objects(SCRIPT, b"/X/stream/Y<stream>" + OBJSTM)), "active"),
    "packed behind much space": (pdf(objects(SCRIPT, OBJSTM + b" " * 200_000)), "active"),
    "packed in an odd header": (b"%PDF-1.7\n9%x\n0%y\nobj%z\n" + objects(SCRIPT) + END, "active"),
    "object begun in a comment": (b"%PDF-1.7\n%obj<</X(\n1 0 obj" + objects(SCRIPT, OBJSTM + b"%)\n") + END, "active"),
    "packed twice": (
        pdf(raw(OBJSTM + b"/Filter[/FlateDecode/FlateDecode]", zlib.compress(HIDDEN))), "damaged",
    ),
    "packed as hex": (pdf(raw(OBJSTM + b"/Filter/ASCIIHexDecode", SCRIPT.hex().encode())), "damaged"),
    "packed as differences": (
        pdf(raw(OBJSTM + b"/Filter/FlateDecode/DecodeParms<</Predictor 12>>", predicted(SCRIPT))),
        "damaged",
    ),
    "packed by another": (pdf(raw(OBJSTM + b"/Filter/LZWDecode", b"\x80\x0b\x60")), "damaged"),
    "packed and broken": (pdf(raw(OBJSTM + b"/Filter/FlateDecode", b"no zlib")), "damaged"),
    "text without end": (pdf(b"<</X(((((a>>stream\n"), "damaged"),
    "bomb": (pdf(stream(bytes(9_000_000))), "too_complex"),
    "bomb of objects": (pdf(objects(bytes(70_000_000))), "too_complex"),
    "bomb in a bomb": (
        pdf(raw(b"/Filter[/FlateDecode/FlateDecode]", zlib.compress(zlib.compress(bytes(9_999_999))))),
        "too_complex",
    ),
    "too many pixels": (pdf(image(10_000, 4_001)), "picture"),
    "without end": (pdf(PAGE, end=b"trailer<<>>"), "damaged"),
    "zip behind": (pdf(PAGE) + docx(), "polyglot"),
    "zip before the end": (pdf(PAGE) + docx() + b"%%EOF", "polyglot"),
    "page behind": (pdf(PAGE) + PAGE_TAIL, "polyglot"),
    "page inside": (pdf(raw(b"", PAGE_TAIL)), "polyglot"),
    "php inside": (pdf(b"<</X(" + PHP + b")>>"), "polyglot"),
    "rar inside": (pdf(raw(b"", b"Rar!\x1a\x07\x00")), "polyglot"),
    "slow to read": (b"%PDF-1.7\n" + b"obj<<" * 190_000 + b"endobj\n" + END, "too_complex"),
}  # fmt: skip

PICTURES = {
    "jpg: html behind": (JPEG_FILE + PAGE_TAIL, "polyglot"),
    "jpg: php behind": (JPEG_FILE + PHP, "polyglot"),
    "jpg: program behind": (JPEG_FILE + b"MZ\x90\x00", "polyglot"),
    "jpg: svg behind": (JPEG_FILE + b"<SVG onload=alert(1)>", "polyglot"),
    "jpg: zip behind": (JPEG_FILE + docx(), "polyglot"),
    "jpg: sheet behind": (JPEG_FILE + xlsx(), "polyglot"),
    "jpg: rar behind": (JPEG_FILE + b"Rar!\x1a\x07\x01\x00", "polyglot"),
    "jpg: php in a comment": (with_segments(JPEG_FILE, segment(0xFE, PHP)), "polyglot"),
    "jpg: pdf in a comment": (with_segments(JPEG_FILE, segment(0xFE, b"%PDF-1.7")), "polyglot"),
    "jpg: without end": (JPEG_FILE[:-2], "damaged"),
    "jpg: half": (JPEG_FILE[: len(JPEG_FILE) // 2], "damaged"),
    "jpg: segment beyond the end": (b"\xff\xd8\xff\xe1\xff\xffab", "damaged"),
    "jpg: segment of no size": (b"\xff\xd8" + b"\xff\xe0\x00\x00" * 9, "damaged"),
    "jpg: garbage": (b"\xff\xd8\xff\xe0\x00\x04abgarbage", "damaged"),
    "jpg: no frame": (jpeg(), "damaged"),
    "jpg: two frames": (jpeg(frame(2, 2), frame(2, 2)), "damaged"),
    "jpg: no scan": (b"\xff\xd8" + frame(2, 2) + b"\xff\xd9", "damaged"),
    "jpg: start again": (jpeg(frame(2, 2), segment(0xD8, b"ab")), "damaged"),
    "jpg: too many pixels": (jpeg(frame(10_000, 4_001)), "picture"),
    "jpg: no pixels": (jpeg(frame(0, 10)), "picture"),
    "jpg: unusual": (jpeg(frame(2, 2, 0xC9)), "picture"),
    "jpg: scans without end": (jpeg(frame(2, 2)) [:-2] + jpeg()[2:-2] * 200 + b"\xff\xd9", "too_complex"),
    "jpg: huge profile": (
        jpeg(frame(2, 2), *[segment(0xE2, b"ICC_PROFILE\x00" + bytes(65_000))] * 70), "too_complex",
    ),
    "png: html behind": (PNG_FILE + PAGE_TAIL, "polyglot"),
    "png: program behind": (PNG_FILE + b"\x7fELF", "polyglot"),
    "png: zip behind": (PNG_FILE + docx(), "polyglot"),
    "png: php in a text": (png(2, 2, chunk(b"tEXt", b"a\x00" + PHP)), "polyglot"),
    "png: cut off": (PNG_FILE[:-6], "damaged"),
    "png: half": (PNG_FILE[:40], "damaged"),
    "png: wrong sum": (PNG_FILE.replace(b"IDAT", b"IDAX"), "damaged"),
    "png: too many pixels": (png(2, 2).replace(chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)), chunk(b"IHDR", struct.pack(">IIBBBBB", 10_000, 4_001, 8, 2, 0, 0, 0))), "picture"),
    "png: no pixels": (png(0, 2, data=zlib.compress(ROW)), "picture"),
    "png: bomb": (png(2, 2, data=zlib.compress(bytes(50_000_000))), "damaged"),
    "png: too little data": (png(2, 2, data=zlib.compress(ROW)), "damaged"),
    "png: no data": (png(2, 2, data=b""), "damaged"),
    "png: data behind data": (png(2, 2, data=zlib.compress(ROW * 2) + b"more"), "damaged"),
    "png: data that is none": (png(2, 2, data=b"garbage"), "damaged"),
    "png: two heads": (png(2, 2, chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))), "damaged"),
    "png: huge palette": (png(2, 2, chunk(b"PLTE", bytes(9_000))), "damaged"),
    "png: text first": (PNG_FILE[:8] + chunk(b"tEXt", b"a\x00b") + PNG_FILE[8:], "damaged"),
}  # fmt: skip

OTHERS = {
    name: (content, "type_refused")
    for name, content in {
        "html": b"<!doctype html><script>alert(1)</script>",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "text": "文字".encode(),
        "one byte": b"\x00",
        "gif": b"GIF89a",
        "gif that runs": b"GIF89a=1;alert(1)//",
        "bmp": b"BM" + bytes(50),
        "heic": b"\x00\x00\x00\x18ftypheic",
        "exe": b"MZ\x90\x00",
        "elf": b"\x7fELF\x02",
        "script": b"#!/bin/sh\nrm -rf /",
        "rtf": rb"{\rtf1\object}",
        "rar": b"Rar!\x1a\x07\x00",
        "gzip": b"\x1f\x8b\x08" + bytes(20),
        "pdf after html": b"<html>" + pdf(PAGE),
        "pdf after a blank": b" " + pdf(PAGE),
        "empty zip": b"PK\x05\x06" + bytes(18),
        "signature": b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    }.items()
}

FILES = {f"pdf: {name}": case for name, case in PDFS.items()} | PICTURES | OTHERS
