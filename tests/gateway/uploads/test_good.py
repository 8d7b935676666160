"""Good files: kept byte by byte; pictures keep every pixel and lose what they tell about people."""

import io

import pytest
from PIL import Image, ImageCms, ImageOps

from tests.gateway.uploads.good import DOCUMENTS, PICTURES, large_docx, large_pdf
from tests.gateway.uploads.looking import look
from tests.gateway.uploads.pictures import (
    COMMENT,
    IPTC,
    JPEG_FILE,
    SECRET,
    XMP,
    exif,
    noise,
    png,
    saved,
    talking_png,
    with_segments,
)

LIMIT = 20 * 1024 * 1024


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def same_pixels(one: bytes, other: bytes) -> bool:
    before, after = opened(one), opened(other)
    same = (before.mode, before.size) == (after.mode, after.size)
    return same and before.tobytes() == after.tobytes()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_are_kept_as_they_are(name: str) -> None:
    content, kind = DOCUMENTS[name]
    seen = look(content)
    assert (seen.detail, seen.media_type) == ("", kind)
    assert seen.kept == content


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_keep_their_pixels(name: str) -> None:
    content, kind = PICTURES[name]
    seen = look(content)
    assert (seen.detail, seen.media_type) == ("", kind)
    assert same_pixels(content, seen.kept)


TALKING = {
    "phone": saved(noise(), "JPEG", exif=exif()),
    "phone in steps": saved(noise(), "JPEG", exif=exif(), progressive=True, comment=SECRET),
    "editor": with_segments(JPEG_FILE, XMP, COMMENT, IPTC),
    "two pictures": JPEG_FILE + saved(noise(seed=2), "JPEG", exif=exif()),
    "moving picture": JPEG_FILE + b"\x00\x00\x00\x18ftypmp42" + SECRET.encode(),
    "comment between scans": saved(noise(), "JPEG", progressive=True).replace(
        b"\xff\xda", COMMENT + b"\xff\xda"
    ),
    "drawing": talking_png(),
}


@pytest.mark.parametrize("name", TALKING)
def test_metadata_is_gone(name: str) -> None:
    seen = look(TALKING[name])
    assert same_pixels(TALKING[name], seen.kept)
    for trace in (*SECRET.split(), "somebody", "Exif", "xmp", "GPS", "Author", "tIME"):
        assert trace.encode() not in seen.kept, trace
    left = opened(seen.kept)
    assert not left.getexif()
    assert not set(left.info) - {"jfif", "jfif_version", "jfif_density", "jfif_unit", "progression", "progressive"}  # fmt: skip
    assert look(seen.kept).kept == seen.kept


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", [2, 6, 8])
def test_the_way_up_stays(kind: str, orientation: int) -> None:
    content = saved(noise(), kind, exif=exif(orientation))
    kept = look(content).kept
    assert dict(opened(kept).getexif()) == {0x0112: orientation}
    upright = [ImageOps.exif_transpose(opened(one)).tobytes() for one in (content, kept)]
    assert upright[0] == upright[1]
    assert b"somebody" not in kept


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_colors_stay(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = look(saved(noise(), kind, icc_profile=profile, dpi=(300, 300))).kept
    assert opened(kept).info["icc_profile"] == profile
    assert round(opened(kept).info["dpi"][0]) == 300


def test_a_thumbnail_goes() -> None:
    thumbnail = b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x02\x02" + b"secret4pixel"
    head = b"\xff\xe0" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    kept = look(b"\xff\xd8" + head + JPEG_FILE[20:]).kept
    assert b"secret4pixel" not in kept
    assert same_pixels(JPEG_FILE, kept)


@pytest.mark.parametrize("make", [large_pdf, large_docx])
def test_a_large_good_file(make) -> None:
    content = make(LIMIT)
    assert len(content) == LIMIT
    seen = look(content)
    assert seen.kept == content, seen.detail
    assert seen.seconds <= 2
    assert seen.peak <= 200 * 1024 * 1024


def test_large_pictures() -> None:
    """40 million pixels of a drawing, 20 MB of a photograph."""
    row = 8_000
    drawing = look(png(row, 5_000, data=packed(row, 5_000)))
    photo = saved(Image.effect_noise((5_000, 4_400), 128), "JPEG", quality=95)
    assert len(photo) > LIMIT * 0.6
    seen = look(photo)
    assert (drawing.media_type, seen.media_type) == ("image/png", "image/jpeg")
    assert max(drawing.seconds, seen.seconds) <= 2
    assert max(drawing.peak, seen.peak) <= 200 * 1024 * 1024


def packed(width: int, height: int) -> bytes:
    import zlib

    packer = zlib.compressobj(1)
    row = b"\x00" + bytes(range(256)) * (3 * width // 256 + 1)
    rows = [packer.compress(row[: 3 * width + 1]) for _ in range(height)]
    return b"".join(rows) + packer.flush()
