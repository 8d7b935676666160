"""Runbooks: one for each alert, all of one shape, each played by a script."""

import re

import pytest

from tests.house.alerts import alerts
from tests.house.test_files import ROOT
from tests.operations.exercises import scripts

BOOKS = ROOT / "docs" / "operations" / "runbooks"
PARTS = ("Meaning.**", "Citizens.**", "## Checks", "## Repair", "Escalate.**", "Owner.**")
ROW = re.compile(r"^\| \[([\w-]+)\]\(\1\.md\) \| `([^`]+)` \|$", re.MULTILINE)
"""A page of the table, and the command that plays it."""


@pytest.mark.parametrize("name", sorted(scripts()))
def test_every_page_has_its_parts(name: str) -> None:
    text = (BOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert [part for part in PARTS if part not in text] == []


def test_every_page_is_played_by_a_script_and_every_alert_opens_one() -> None:
    pages = {page.stem for page in BOOKS.glob("*.md")} - {"README"}
    assert pages == set(scripts())
    assert set(alerts().values()) - set(scripts()) == set()


def test_the_table_names_the_script_of_every_page() -> None:
    rows = ROW.findall((BOOKS / "README.md").read_text(encoding="utf-8"))
    assert rows == sorted(scripts().items())


def test_links_of_runbooks_lead_somewhere() -> None:
    lost = [
        f"{page.name}: {target}"
        for page in BOOKS.glob("*.md")
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if not (BOOKS / target).exists()
    ]
    assert lost == []
