"""Good files as ordinary programs make them."""

import io
import random

import docx as word
import openpyxl
from PIL import Image

from gateway.uploads.inspection.media import DOCX, JPEG, OFD, PDF, PNG, XLSX
from tests.gateway.uploads import archives, pdfs
from tests.gateway.uploads.archives import Part, relation
from tests.gateway.uploads.pictures import noise, png, saved, woven


def document() -> bytes:
    made = word.Document()
    made.add_heading("章程")
    made.add_paragraph("第一条 本社区社会组织的名称。")
    made.add_table(3, 4)
    made.add_picture(io.BytesIO(png(8, 8)))
    made.add_picture(io.BytesIO(saved(noise(), "JPEG")))
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def sheet(rows: int = 30) -> bytes:
    made = openpyxl.Workbook()
    page = made.active
    for at in range(rows):
        page.append([f"会员{at}", at, at * 1.5])
    page["E1"].hyperlink = "https://example.org/"
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def scanned(pages: int = 3) -> bytes:
    """A PDF of pictures, as a scanner makes it."""
    first, *rest = [noise(seed=at) for at in range(pages)]
    return saved(first, "PDF", save_all=True, append_images=rest, title="材料")


LINK = Part("word/_rels/document.xml.rels", relation("hyperlink", "https://x.org/", "External"))
SCAN = pdfs.raw(
    b"/Type/XObject/Subtype/Image/Width 2480/Height 3508/Filter/CCITTFaxDecode", b"\x00"
)
NOTE = b"<</Type/Annot/Subtype/Link/A<</S/URI/URI(https://x.org/)>>/T(a\\(b\\)(c))>>"
OBJECTS = pdfs.objects(b"<</Type/Catalog/OpenAction[3 0 R/Fit]/Names<</Dests 4 0 R>>>>")
ASCII = pdfs.raw(b"/Filter[/ASCII85Decode/FlateDecode]", b"GapQh0E=F,0U~>")
OUTLINE = b"<</Type/Outlines/First 3 0 R/Last 3 0 R>>"

DOCUMENTS = {
    "pdf": (pdfs.GOOD, PDF),
    "pdf of a scanner": (scanned(), PDF),
    "pdf with packed objects": (pdfs.pdf(OBJECTS, pdfs.PAGE, OUTLINE), PDF),
    "pdf with links, notes and odd packing": (pdfs.pdf(NOTE, SCAN, ASCII, pdfs.image(2480, 3508)), PDF),
    "pdf in revisions": (pdfs.GOOD + b"3 0 obj<<>>endobj\n" + pdfs.END + b"\r\n\0\0", PDF),
    "pdf that speaks of scripts": (pdfs.pdf(pdfs.stream(b"(/JavaScript /Launch /JS)")), PDF),
    "docx": (document(), DOCX),
    "docx by hand": (archives.docx(archives.PICTURE, LINK), DOCX),
    "docx with folders": (archives.docx(Part("word/media/", b"", 0)), DOCX),
    "docx written in a stream": (archives.docx(Part("word/a.xml", "<a/>", described=True)), DOCX),
    "docx with macro in its words": (archives.docx(Part("word/macro-rules.xml", "<a>vbaProject</a>")), DOCX),
    "xlsx": (sheet(), XLSX),
    "xlsx of many rows": (sheet(5_000), XLSX),
    "xlsx by hand": (archives.xlsx(), XLSX),
    "ofd": (archives.ofd(), OFD),
    "ofd with a font and a seal": (
        archives.ofd(Part("Doc_0/Res/font.ttf", b"\x00\x01\x00\x00" * 99), Part("Doc_0/Signs/Seal.esl", b"0\x82")),
        OFD,
    ),
}  # fmt: skip

PICTURES = {
    "jpg": (saved(noise(), "JPEG", quality=85), JPEG),
    "jpg in steps": (saved(noise(), "JPEG", progressive=True), JPEG),
    "jpg in gray": (saved(noise("L"), "JPEG"), JPEG),
    "jpg for print": (saved(noise("CMYK"), "JPEG"), JPEG),
    "jpg with restarts": (saved(noise(), "JPEG", restart_marker_rows=1), JPEG),
    "png": (saved(noise(), "PNG"), PNG),
    "png with alpha": (saved(noise("RGBA"), "PNG"), PNG),
    "png in gray": (saved(noise("L"), "PNG"), PNG),
    "png of two colors": (saved(noise().convert("1"), "PNG"), PNG),
    "png with a palette": (saved(noise().quantize(16), "PNG", transparency=3), PNG),
    "png of sixteen bits": (saved(Image.new("I;16", (9, 5), 40_000), "PNG"), PNG),
    "png in several parts": (saved(Image.effect_noise((700, 500), 90), "PNG"), PNG),
    "png woven": (woven(5, 9), PNG),
}  # fmt: skip


def large_pdf(size: int) -> bytes:
    """A PDF of that size: scanned pages that no packer makes smaller."""
    chance = random.Random(3)
    head = b"/Type/XObject/Subtype/Image/Width 2480/Height 3508/Filter/DCTDecode"
    page = pdfs.raw(head, chance.randbytes(500_000))
    body = pdfs.pdf(*[page] * ((size - 100_000) // len(page) - 1), pdfs.PAGE)
    return body[: -len(pdfs.END)] + b"%" * (size - len(body) - 1) + b"\n" + pdfs.END


def large_docx(size: int) -> bytes:
    """A document full of photographs."""
    chance = random.Random(4)
    photo = (
        saved(noise(), "JPEG")[:-2]
        + chance.randbytes(1_000_000).replace(b"\xff", b"\x00")
        + b"\xff\xd9"
    )
    parts = [Part(f"word/media/image{at}.jpg", photo, 0) for at in range(size // len(photo) - 1)]
    made = archives.docx(*parts)
    filler = size - len(made) - 2 * len("word/media/x.bin") - 76
    return archives.docx(*parts, Part("word/media/x.bin", b"." * filler, 0))
