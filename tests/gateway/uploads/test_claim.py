"""Names and types a client states."""

import pytest

from gateway.uploads.claim import LONGEST, Claim
from gateway.uploads.inspection.media import DOCX, EXTENSIONS, JPEG, PDF
from kit.errors import Refusal


def claim(name: str | None = None, kind: str | None = None) -> Claim:
    headers = {} if name is None else {"content-disposition": name}
    return Claim.of(headers if kind is None else {**headers, "content-type": kind})


FITTING = [
    (None, None, PDF),
    ("attachment; filename=a.pdf", None, PDF),
    ('attachment; filename="章程 (1).PDF"'.encode().decode("latin-1"), "application/pdf", PDF),
    ("attachment; filename*=UTF-8''%E7%AB%A0%E7%A8%8B.docx", None, DOCX),
    ("attachment; filename=\"x.jpeg\"; filename*=utf-8''%E7%AB%A0.jpg", "image/jpeg", JPEG),
    ('attachment; filename="no extension"', "application/octet-stream", PDF),
    ("attachment", "image/jpg; charset=binary", JPEG),
    (None, "application/x-www-form-urlencoded", PDF),
]


@pytest.mark.parametrize(("name", "kind", "found"), FITTING)
def test_what_fits(name: str | None, kind: str | None, found: str) -> None:
    claim(name, kind).fits(found)


MISFITS = [
    ("attachment; filename=a.png", None),
    ("attachment; filename=a.pdf.exe", None),
    ("attachment; filename=a.docm", None),
    ("attachment; filename=a.pdf; filename*=UTF-8''a.html", None),
    (None, "text/html"),
    (None, "image/svg+xml"),
    (None, "image/jpeg"),
]


@pytest.mark.parametrize(("name", "kind"), MISFITS)
def test_what_does_not_fit(name: str | None, kind: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        claim(name, kind).fits(PDF)
    assert refused.value.code == "upload.mismatch"
    assert "PDF" in refused.value.detail


DECEIVING = {
    "turned direction": "a%E2%80%AEfdp.exe",
    "isolated direction": "a%E2%81%A6x.pdf",
    "nothing to see": "a%E2%80%8B.pdf",
    "control sign": "a%07.pdf",
    "line": "a%0D%0Ab.pdf",
    "null": "a.exe%00.pdf",
    "folder": "..%2F..%2Fa.pdf",
    "folder on another system": "..%5Ca.pdf",
    "no UTF-8": "%FF%FE.pdf",
    "too long": "a" * LONGEST + ".pdf",
}


@pytest.mark.parametrize("name", DECEIVING.values(), ids=DECEIVING)
def test_names_that_deceive(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        claim(f"attachment; filename*=UTF-8''{name}")
    assert refused.value.code == "upload.name"


def test_every_type_has_a_word() -> None:
    for kind in EXTENSIONS.values():
        with pytest.raises(Refusal):
            claim(None, "text/html").fits(kind)
