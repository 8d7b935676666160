"""Columns stand before the rows come: a page painted while it still arrives does not move (U5, layout shift)."""

import pytest
from playwright.async_api import Page

from tests.portal.gov import CLERK, submitted
from tests.portal.portal import Portal
from tests.stories.people import Town

LEFTS = """() => [...document.querySelectorAll("main table")].map((table) =>
  [...table.rows[1].cells].map((cell) => Math.round(cell.getBoundingClientRect().left)))"""
ONLY_FIRST = """() => { for (const body of document.querySelectorAll("main tbody"))
  while (body.rows.length > 1) body.lastElementChild.remove(); }"""
SHORT = """() => { for (const cell of document.querySelectorAll("main tbody td")) cell.textContent = "x"; }"""


async def columns(page: Page) -> list[list[int]]:
    """Where each column of each table begins."""
    found: list[list[int]] = await page.evaluate(LEFTS)
    return found


@pytest.mark.parametrize(
    ("person", "path", "width"),
    [("resident.datong", "/org", 1440), ("resident.datong", "/org", 900), (CLERK, "/gov/inbox", 1440), (CLERK, "/gov/inbox", 1100)],
)  # fmt: skip
@pytest.mark.usefixtures("seeded")
async def test_columns_do_not_wait_for_rows(
    portal: Portal, town: Town, person: str, path: str, width: int
) -> None:
    await submitted(town, "先来")
    await submitted(town, "后到")
    page = await portal.as_user(person, path, size=(width, 900))
    await page.evaluate("document.querySelector('#case')?.remove()")
    all_rows = await columns(page)
    assert all_rows
    await page.evaluate(ONLY_FIRST)
    assert await columns(page) == all_rows
    await page.evaluate(SHORT)
    assert await columns(page) == all_rows
