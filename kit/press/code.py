"""The QR code of a paper: it leads to the page that checks the verification code."""

import io

import segno

QUALITY = "m"
SCALE = 8


def as_svg(address: str) -> str:
    """For the PDF: lines, no pixels."""
    out = io.BytesIO()
    segno.make_qr(address, error=QUALITY).save(out, kind="svg", xmldecl=False, border=0)
    return out.getvalue().decode()


def as_png(address: str) -> bytes:
    """For the DOCX."""
    out = io.BytesIO()
    segno.make_qr(address, error=QUALITY).save(out, kind="png", scale=SCALE, border=0)
    return out.getvalue()
