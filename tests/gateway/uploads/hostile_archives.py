"""Archives that should not be kept, with the code each is refused by."""

import struct

from tests.gateway.uploads.archives import (
    BOOK,
    DOCUMENT,
    OFFICE,
    ROOT,
    TYPES,
    WORD,
    Part,
    docx,
    ofd,
    relation,
    types,
    xlsx,
    zipped,
)
from tests.gateway.uploads.pictures import png

XXE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'
RELS = "word/_rels/document.xml.rels"
ZIP64 = struct.pack("<HHQQ", 1, 16, 8, 8)
PLAIN = Part("word/a.xml", "<a>" + "text " * 20 + "</a>")
BIG = Part("word/a.xml", "<a>" + " ".join(map(str, range(9_000))) + "</a>")
MZ = b"MZ\x90\x00" * 20
PHP = b"<?php system($_GET[0]); ?>"


def lying(**fields: object) -> bytes:
    return docx(Part("word/a.xml", BIG.data, central=fields, local=fields))


def overlapping() -> bytes:
    """Two names of one body: a bomb without repetition."""
    first = len(zipped((WORD, ROOT, DOCUMENT))) - len(zipped(()))
    first -= sum(len(one.central_bytes(0)) for one in (WORD, ROOT, DOCUMENT))
    return docx(PLAIN, Part("word/b.xml", PLAIN.data, central={"start": first}))


def quoted() -> bytes:
    """An entry whose body holds another entry, which the directory names as well."""
    inner = Part("word/b.xml", "<b/>")
    outer = Part("word/a.bin", b"x" + inner.local_bytes(), method=0)
    whole = docx(outer)
    at = whole.index(inner.local_bytes())
    return docx(outer, Part("word/b.xml", "<b/>", packed=b"", central={"start": at, "packed": 6}))


SIZES = {
    "ratio": (docx(Part("word/a.xml", "<a>" + " " * 5_000_000 + "</a>")), "too_complex"),
    "ratio in an ofd": (ofd(Part("Doc_0/a.xml", b"<a>" + bytes(9_000_000))), "too_complex"),
    "entries": (docx(*(Part(f"word/{at}", "x") for at in range(1_000))), "too_complex"),
    "smaller than told": (lying(size=90_000), "archive"),
    "larger than told": (lying(size=10), "archive"),
    "checksum": (lying(crc=1), "archive"),
    "size in one head only": (docx(Part("word/a.xml", BIG.data, local={"size": 9})), "archive"),
    "packed size in one head only": (docx(Part("word/a", "x", central={"packed": 2})), "archive"),
    "packed beyond the data": (docx(Part("word/a", "xyz", method=0, central={"packed": 9})), "archive"),
    "stored with another size": (
        docx(Part("word/a", "xyz", 0, local={"size": 2}, central={"size": 2})), "archive",
    ),
    "data after the packed end": (docx(Part("word/a", "x", packed=PLAIN.body + b"more")), "archive"),
    "packed cut off": (docx(Part("word/a.xml", BIG.data, packed=BIG.body[:-9])), "damaged"),
    "no deflate at all": (docx(Part("word/a", "x" * 20, packed=b"\xff" * 20)), "damaged"),
    "zip64 extra": (docx(Part("word/a", "x", central={"extra": ZIP64})), "archive"),
    "zip64 extra in the local head": (docx(Part("word/a", "x", local={"extra": ZIP64})), "archive"),
    "zip64 sizes": (docx(Part("word/a", "x", central={"size": 0xFFFFFFFF})), "archive"),
    "zip64 end": (docx(total=0xFFFF, here=0xFFFF), "archive"),
    "zip64 start": (docx(start=0xFFFFFFFF), "archive"),
}  # fmt: skip

PLACES = {
    "overlap": (overlapping(), "archive"),
    "entry inside an entry": (quoted(), "archive"),
    "gap between entries": (docx(Part("word/a", "x", before=b"hidden")), "archive"),
    "gap before the directory": (docx(gap=b"hidden"), "archive"),
    "something in front": (docx(prefix=b"PK\x03\x04hidden"), "archive"),
    "entry not in the directory": (docx(gap=PLAIN.local_bytes()), "archive"),
    "fewer entries told": (docx(total=2, here=2), "archive"),
    "more entries told": (docx(total=9, here=9), "archive"),
    "two disks": (docx(disk=1), "archive"),
    "directory elsewhere": (docx(start=10), "archive"),
    "comment": (docx(comment=b"hello"), "polyglot"),
    "comment that is a page": (docx(comment=PHP), "polyglot"),
    "tail": (docx(tail=b"<html><script>"), "polyglot"),
    "second archive behind": (docx(tail=xlsx()), "archive"),
    "description missing": (docx(Part("word/a.xml", "<a/>", flags=0x0808)), "archive"),
    "description lies": (docx(Part("word/a", "x", described=b"PK\x07\x08" + bytes(12))), "archive"),
    "cut off": (docx()[:-30], "damaged"),
    "half": (docx(BIG)[:9_000], "damaged"),
    "head only": (b"PK\x03\x04" + bytes(100), "damaged"),
    "another name in the local head": (docx(Part("word/a", local={"name": b"word/b"})), "archive"),
    "another method in the local head": (docx(Part("word/a", local={"method": 0})), "archive"),
    "another name in an extra": (
        docx(Part("word/a", central={"extra": struct.pack("<HH", 0x7075, 0)})), "archive",
    ),
    "unusual packing": (docx(Part("word/a", "x", method=12)), "archive"),
    "patched data": (docx(Part("word/a", "x", flags=0x0820)), "archive"),
}  # fmt: skip

NAMES = {
    name: (docx(Part(entry)), "entry_name")
    for name, entry in {
        "slip": "../../etc/cron.d/x",
        "slip on another system": "word\\..\\x",
        "slip in the middle": "word/../../x",
        "absolute": "/etc/x",
        "drive": "C:/x",
        "control sign": "word/a\x07.xml",
        "null": "word/a\x00.exe",
        "turned direction": "word/\u202elmx.exe",
        "point at the end": "word/a.",
        "no name": "",
        "twice in two spellings": "WORD/Document.xml",
        "twice by width": "word/ｄocument.xml",
        "twice": "word/document.xml",
    }.items()
}
NAMES |= {
    "link": (docx(Part("word/link", "/etc/passwd", attributes=0o120777)), "entry_name"),
    "device": (docx(Part("word/null", "", attributes=0o020666)), "entry_name"),
}

KINDS = {
    "macros": (docx(Part("word/vbaProject.bin", "x")), "macros"),
    "macros by type": (docx(head=types("application/vnd.ms-word.document.macroEnabled.main+xml")), "macros"),
    "macros under another name": (
        docx(Part(RELS, relation("vbaProject", "printer.bin")), Part("word/printer.bin", "x")), "macros",
    ),
    "macros of a sheet": (xlsx(Part("xl/macrosheets/sheet1.xml")), "macros"),
    "macro sheet under another name": (
        xlsx(head=types(OFFICE + "spreadsheetml.sheet.main+xml", "application/vnd.ms-excel.macrosheet+xml")),
        "macros",
    ),
    "active x": (docx(Part("word/activeX/activeX1.xml")), "macros"),
    "control": (docx(Part(RELS, relation("control", "x.xml"))), "macros"),
    "embedded object": (docx(Part("word/embeddings/oleObject1.bin", "x")), "nested"),
    "embedded object by relation": (docx(Part(RELS, relation("oleObject", "a.bin"))), "nested"),
    "embedded by type": (docx(head=types(OFFICE + "wordprocessingml.document.main+xml", OFFICE + "oleObject")), "nested"),
    "nested": (docx(Part("word/more.zip", "x")), "nested"),
    "nested under another name": (docx(Part("word/media/a.png", docx(), 0)), "nested"),
    "nested rar": (ofd(Part("Doc_0/a.bin", b"Rar!\x1a\x07\x00")), "nested"),
    "pdf inside": (ofd(Part("Doc_0/a.bin", b"%PDF-1.7")), "nested"),
    "program": (docx(Part("word/run.bat", "x")), "nested"),
    "program under another name": (docx(Part("word/media/a.png", MZ)), "nested"),
    "page": (docx(Part("word/a.html", "<p/>")), "nested"),
    "page under another name": (docx(Part("word/a.dat", "<html><body/></html>")), "nested"),
    "svg": (docx(Part("word/media/a.svg", "<svg/>")), "nested"),
    "svg under another name": (ofd(Part("Doc_0/a.xml", "<svg onload='x'/>")), "nested"),
    "too many pixels": (docx(Part("word/media/a.png", png(2, 2).replace(struct.pack(">II", 2, 2), struct.pack(">II", 9_000, 9_000)))), "picture"),
    "encrypted": (docx(Part("word/a", "x", flags=0x0801)), "encrypted"),
    "strongly encrypted": (docx(Part("word/a", "x", flags=0x0841)), "encrypted"),
    "encrypted by aes": (docx(Part("word/a", "x", 99, central={"extra": struct.pack("<HH", 0x9901, 0)})), "encrypted"),
    "older office": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted"),
    "pdf as well": (docx(head=Part(TYPES, "%PDF-1.7 " + str(WORD.data), 0)), "polyglot"),
    "page as well": (zipped((Part("a", "<script>alert(1)</script>", 0), WORD, DOCUMENT)), "polyglot"),
}  # fmt: skip

XML = {
    "entity": (docx(Part("word/settings.xml", XXE)), "entities"),
    "entity in the types": (docx(head=Part(TYPES, XXE)), "entities"),
    "entity in relations": (docx(Part(RELS, XXE)), "entities"),
    "entity in UTF-16": (docx(Part("word/settings.xml", XXE.replace("?>", " encoding='UTF-16'?>").encode("utf-16"))), "entities"),
    "entity far down": (docx(Part("word/a.xml", "<?xml version='1.0'?><!--" + "x " * 9_000 + "-->" + XXE[21:])), "entities"),
    "entity under another name": (docx(Part("word/a.bin", XXE)), "entities"),
    "entity in an ofd": (ofd(Part("Doc_0/a.xml", XXE)), "entities"),
    "entities without end": (ofd(Part("Doc_0/a.xml", LAUGHS)), "entities"),
    "foreign document type": (docx(Part("word/a.xml", '<!DOCTYPE a SYSTEM "http://x/a.dtd"><a/>')), "entities"),
    "no end of the first comment": (docx(Part("word/a.xml", "<!-- " + " ".join(map(str, range(20_000))))), "damaged"),
    "no XML": (docx(Part("word/a.xml", "\x01\x02")), "damaged"),
    "unknown encoding": (docx(Part("word/a.xml", "<?xml version='1.0' encoding='utf-7'?><a/>")), "damaged"),
    "template": (docx(Part(RELS, relation("attachedTemplate", "http://x/a.dotm", "External"))), "foreign"),
    "foreign picture": (docx(Part(RELS, relation("image", "http://x/a.png", "External"))), "foreign"),
    "foreign object": (docx(Part(RELS, relation("oleObject", "http://x/a", "External"))), "nested"),
    "foreign book": (xlsx(Part("xl/_rels/a.rels", relation("externalLinkPath", "a.xlsx", "External"))), "foreign"),
    "page read in": (docx(Part(RELS, relation("aFChunk", "a.mht"))), "foreign"),
    "link to a file": (docx(Part(RELS, relation("hyperlink", "file:///etc/passwd", "External"))), "foreign"),
    "link to a share": (docx(Part(RELS, relation("hyperlink", "\\\\10.0.0.1\\x", "External"))), "foreign"),
    "link that runs": (docx(Part(RELS, relation("hyperlink", "javascript:alert(1)", "External"))), "foreign"),
    "dynamic data": (xlsx(Part("xl/externalLinks/a.xml", "<externalLink><ddeLink ddeService='cmd'/></externalLink>")), "foreign"),
}  # fmt: skip

UNKNOWN = {
    name: (content, "type_refused")
    for name, content in {
        "some zip": zipped((Part("a.txt", "x"),)),
        "two kinds": docx(head=types(OFFICE + "wordprocessingml.document.main+xml", OFFICE + "spreadsheetml.sheet.main+xml")),
        "document and ofd": docx(Part("OFD.xml", "<OFD/>")),
        "office without types": zipped((DOCUMENT, ROOT)),
        "types without main part": docx(head=types("application/xml")),
        "presentation": docx(head=types(OFFICE + "presentationml.presentation.main+xml")),
        "ofd of another root": zipped((Part("OFD.xml", "<o/>"),)),
        "jar": zipped((Part("META-INF/MANIFEST.MF", "x"),)),
        "sheet without types": zipped((BOOK,)),
    }.items()
}  # fmt: skip

ARCHIVES = {
    f"archive: {name}": case
    for group in (SIZES, PLACES, NAMES, KINDS, XML, UNKNOWN)
    for name, case in group.items()
}
