"""J8: health with red lines first, a parked fact replayed with a reason, the trail that tells of it."""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest
from playwright.async_api import Page, expect

from tests.platform import ROOT
from tests.portal.portal import Portal, axe

ORG = "01a00000-0000-7000-8000-0000000000ee"
PARK = """INSERT INTO kit.parked (consumer, topic, aggregate, version, key, value, headers, reason)
 VALUES ('notifications', 'minzheng.filing.v1', $1, 1, $1, '', '[]', 'ValueError')"""
REASON = "已发布修复版本"


@pytest.fixture
async def parked(portal: Portal) -> AsyncIterator[asyncpg.Connection]:
    """A fact that notifications has given up."""
    database = await portal.platform.database("notifications")
    await database.execute(PARK, ORG)
    yield database
    await database.execute("DELETE FROM kit.parked WHERE aggregate = $1", ORG)
    await database.close()


async def test_a_parked_fact_is_seen_replayed_and_told_of(portal: Portal, parked) -> None:
    page = await portal.as_role("SYS_ADMIN", "/ops")
    first = page.locator("#workloads tbody tr").first
    await expect(first).to_contain_text("消息通知服务")
    await expect(first).to_contain_text("有挂起的事件")
    assert await axe(page) == []
    await first.get_by_role("link").click()
    await expect(page.locator("h1")).to_have_text("消息通知服务")
    await expect(page.locator("#main")).to_contain_text("kit.audit_check")
    await expect(page.locator("#main")).to_contain_text("minzheng_keys_age_seconds")
    assert await axe(page) == []
    await page.get_by_role("link", name="消息积压与挂起").click()
    assert await axe(page) == []
    await replayed(page)
    await found_in_the_trail(portal)


async def replayed(page: Page) -> None:
    """Without a reason nothing happens; with one the result is said."""
    await page.locator("tr", has_text=ORG).get_by_role("link", name="重放").click()
    await page.get_by_role("button", name="确认重放").last.click()
    await expect(page.locator(".error-summary")).to_be_focused()
    assert ORG in await page.locator("#main").inner_text()
    assert await axe(page) == []
    await page.get_by_label("理由").fill(REASON)
    await page.get_by_role("button", name="确认重放").last.click()
    await expect(page.locator(".banner.good")).to_contain_text("已重放 0 个，尚余 1 个。仍然失败")


async def found_in_the_trail(portal: Portal) -> None:
    """The auditor finds who replayed what and why; the search itself is audited."""
    page = await portal.as_role("AUDIT_ADMIN", "/ops/audit")
    await expect(page.locator("#main")).to_contain_text("完整")
    await expect(page.locator("#entries table")).to_have_count(0)
    assert await axe(page) == []
    await page.get_by_label("服务", exact=True).select_option("notifications")
    await page.get_by_label(re.compile("^事项代码")).fill("replay_facts")
    await page.get_by_role("button", name="查询").click()
    await expect(page.locator("#entries")).to_contain_text(REASON)
    await expect(page.locator("#entries")).to_contain_text("系统管理员")
    assert await axe(page) == []
    await traced(portal, await page.locator("#entries tbody a").first.get_attribute("href") or "")
    await page.get_by_label(re.compile("^事项代码")).fill("search_audit")
    await page.get_by_role("button", name="查询").click()
    await expect(page.locator("#entries")).to_contain_text("action=replay_facts")
    await page.get_by_label(re.compile("^起始日期")).fill("2020-01-01")
    await page.get_by_role("button", name="查询").click()
    await expect(page.locator(".error-summary")).to_contain_text("92 天")
    assert await axe(page) == []


async def traced(portal: Portal, link: str) -> None:
    """What a row belongs to is shown as a tree."""
    page = await portal.as_role("AUDIT_ADMIN", link)
    await expect(page.locator("pre")).to_contain_text(
        "OperationsService/ReplayParked [notifications]"
    )
    assert await axe(page) == []


async def test_without_scripts_operation_works_too(portal: Portal, parked) -> None:
    page = await portal.as_role("SYS_ADMIN", "/ops", scripts=False)
    await page.get_by_role("link", name="刷新").click()
    await expect(page.locator("h1")).to_have_text("系统健康")
    await page.goto(f"/ops/queues/replay?workload=notifications&aggregate={ORG}")
    await page.get_by_label("理由").fill(REASON)
    await page.get_by_role("button", name="确认重放").last.click()
    await expect(page.locator("h1")).to_have_text("消息积压与挂起")


async def test_a_workload_that_is_broken_is_red(portal: Portal) -> None:
    """A changed audit row, found by the walk, stands before everything that is well."""
    database = await portal.platform.database("supervision")
    await database.execute(
        "INSERT INTO kit.audit_check VALUES (now() + interval '1 second', now(), false, 0, 0, 0,"
        " 'row 7 (number 7): deleted')"
    )
    try:
        page = await portal.as_role("AUDIT_ADMIN", "/ops")
        first = page.locator("#workloads tbody tr").first
        await expect(first).to_contain_text("审计链核验不符")
        await page.goto("/ops/audit/checks/supervision")
        await expect(page.locator("tbody tr").first).to_contain_text("row 7")
        assert await axe(page) == []
    finally:
        await database.execute("DELETE FROM kit.audit_check WHERE NOT whole")
        await database.close()


async def test_versions_and_migrations(portal: Portal) -> None:
    page = await portal.as_role("SYS_ADMIN", "/ops/release")
    [*_, last] = sorted((ROOT / "kit/migrations").glob("[0-9]*.sql"))
    await expect(page.locator("#main")).to_contain_text(f"kit {last.stem}")
    await expect(page.locator("#main")).to_contain_text("rule_defaults.csv")
    assert await axe(page) == []
