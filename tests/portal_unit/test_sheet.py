"""The contact sheet leaves no page out: a new page needs a picture, or is no page to look at."""

import re

from gateway.portal.page import pages
from tests.platform import ROOT
from tests.portal.sheet.readme import SHOWN
from tests.portal.sheet.views import VIEWS

MOST_OCTETS = 150_000

FILES = {
    "/register.csv", "/register/{organization_id}/data.jsonld", "/gov/jobs/{export_id}/file",
    "/letters/{filing_id}/{letter_id}", "/materials/{filing_id}/{code}", "/desk",
}  # fmt: skip
REACHED = {"/gov/jobs/{export_id}", "/dept/deliveries/body", "/ops/traces/{trace}"}
"""Pages that a view reaches by what is done on the page before."""
SAMPLE = re.compile(r"\{\w+\}")


def covers(path: str, address: str) -> bool:
    """A page answers that address."""
    pattern = "".join(
        "[^/]+" if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{\w+\})", path)
    )
    return re.fullmatch(pattern, SAMPLE.sub("x", address.partition("?")[0])) is not None


def test_every_page_has_a_picture() -> None:
    wanted = {one.path for one in pages() if one.method == "GET"} - FILES - REACHED
    missing = [path for path in wanted if not any(covers(path, view.path) for view in VIEWS)]
    assert missing == []


def test_every_picture_has_a_name_of_its_own() -> None:
    names = [view.name for view in VIEWS]
    assert len(set(names)) == len(names)


def test_pictures_of_the_readme_are_small_and_shown() -> None:
    readmes = [
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")
    ]
    files = list((ROOT / "docs" / "pictures").glob("*.png"))
    assert {file.stem for file in files} == {*SHOWN, "letter"}
    for file in files:
        assert file.stat().st_size <= MOST_OCTETS
        assert all(f"docs/pictures/{file.name}" in text for text in readmes)
