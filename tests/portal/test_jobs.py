"""Exports on the pages: asked for, watched, taken; refused with words; with and without scripts."""

import csv
import io
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from kit.ids import uuid7
from tests.portal.portal import Portal, axe

SLOW = 30_000
"""Milliseconds that an export may take on a busy machine."""


async def asked(page: Page) -> None:
    """Everything in reach, as CSV."""
    await page.get_by_label("CSV 文本").check()
    await page.get_by_role("button", name="开始导出").last.click()


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_clerk_exports_the_list(portal: Portal, scripts: bool) -> None:
    page = await portal.as_role("TOWN_CLERK", "/gov/jobs/new", scripts=scripts)
    await asked(page)
    await expect(page.locator("h1")).to_have_text("导出备案事项")
    link = page.get_by_role("link", name="下载文件")
    for _ in range(20):
        if scripts or await link.count():
            break
        await page.wait_for_timeout(500)
        await page.reload()
    await expect(link).to_be_visible(timeout=SLOW)
    async with page.expect_download() as waiting:
        await link.click()
    download = await waiting.value
    text = Path(await download.path()).read_text(encoding="utf-8-sig")
    (heading,), heads, *rows = list(csv.reader(io.StringIO(text)))
    assert heading.startswith("导出条件：全部｜导出时间：")
    assert heads[1] == "名称"
    assert rows
    assert all("大同" in row[1] for row in rows)


async def test_the_list_of_exports_and_its_empty_state_are_accessible(portal: Portal) -> None:
    empty = await portal.as_role("COUNTY_REVIEW", "/gov/jobs")
    await expect(empty.locator("#main")).to_contain_text("您还没有导出任务。")
    assert await axe(empty) == []
    page = await portal.as_role("TOWN_CLERK", "/gov/jobs/new")
    assert await axe(page) == []
    await asked(page)
    await expect(page.get_by_role("link", name="下载文件")).to_be_visible(timeout=SLOW)
    assert await axe(page) == []
    await page.goto("/gov/jobs")
    await expect(page.get_by_role("link", name="下载").first).to_be_visible()
    assert await axe(page) == []


async def test_nothing_to_export_is_said_and_what_was_typed_stays(portal: Portal) -> None:
    page = await portal.as_role("TOWN_CLERK", "/gov/jobs/new")
    await page.get_by_label("名称或编号").fill("查无此名")
    await asked(page)
    await expect(page.get_by_role("alert")).to_contain_text("没有符合条件的备案事项")
    await expect(page.get_by_label("名称或编号")).to_have_value("查无此名")
    await expect(page.get_by_label("CSV 文本")).to_be_checked()
    assert await axe(page) == []


async def test_others_find_no_such_export_and_residents_no_such_page(portal: Portal) -> None:
    page = await portal.as_role("TOWN_LEAD", f"/gov/jobs/{uuid7()}")
    await expect(page.locator("h1")).to_have_text("未找到")
    resident = await portal.as_role("RESIDENT", "/gov/jobs")
    await expect(resident.locator("#main")).to_contain_text("权限")
