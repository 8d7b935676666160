"""Duties are claimed by existing ids, and the page about them is in step."""

from tests.house import access_page
from tests.house.policy import DOCUMENT, claims, document, duties


def test_only_duties_of_the_table_are_claimed() -> None:
    known = {row["id"] for row in duties()}
    assert [claim for claim in claims() if claim[0] not in known] == []


def test_something_is_claimed() -> None:
    assert {"T11.2", "T11.4", "T11.5"} <= {duty for duty, _ in claims()}


def test_the_page_is_in_step() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run make pages"


def test_the_access_page_is_in_step() -> None:
    assert access_page.DOCUMENT.read_text(encoding="utf-8") == access_page.document(), (
        "run make pages"
    )
