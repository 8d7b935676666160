"""PDF files by hand: plain objects, packed objects, and the tricks that hide them."""

import zlib

END = b"trailer<</Root 1 0 R>>\n%%EOF\n"
SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"


def pdf(*objects: bytes, end: bytes = END) -> bytes:
    """Objects numbered from 1."""
    body = b"".join(b"%d 0 obj%b endobj\n" % (at, one) for at, one in enumerate(objects, 1))
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + body + end


def stream(content: bytes, head: bytes = b"", packed: bool = True) -> bytes:
    body = zlib.compress(content, 9) if packed else content
    told = b"/Filter/FlateDecode" if packed else b""
    return b"<<%b%b/Length %d>>stream\r\n%b\nendstream" % (head, told, len(body), body)


def objects(content: bytes, head: bytes = b"/Type/ObjStm/N 1/First 4") -> bytes:
    """An object stream that holds one object."""
    return stream(b"9 0 " + content, head)


def raw(head: bytes, body: bytes) -> bytes:
    return b"<<%b>>stream\n%b\nendstream" % (head, body)


PAGE = stream(b"BT /F1 12 Tf (hello) Tj ET")
GOOD = pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 0/Kids[]>>", PAGE)
HIDDEN = zlib.compress(b"9 0 " + SCRIPT)


def predicted(content: bytes) -> bytes:
    """Rows of differences, as PNG filters make them: no name stays readable."""
    shown = bytes(
        (now - before) & 0xFF for before, now in zip(b"\0" + content, content, strict=False)
    )
    return zlib.compress(b"\x01" + shown)


def image(width: int, height: int) -> bytes:
    head = b"/Type/XObject/Subtype/Image/Width %d/Height %d/Filter/FlateDecode" % (width, height)
    return raw(head, zlib.compress(bytes(100)))
