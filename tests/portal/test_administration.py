"""Posts by two administrators, accounts, imports, sessions, delegations: in the browser."""

import csv
from pathlib import Path

from playwright.async_api import expect

from tests.portal.portal import USERS, Portal, axe, username


def account_of(name: str) -> str:
    """Account of somebody of the demo realm."""
    with USERS.open(encoding="utf-8", newline="") as stream:
        return next(row["account_id"] for row in csv.DictReader(stream) if row["username"] == name)


async def test_a_post_needs_two_administrators(portal: Portal) -> None:
    page = await portal.as_user("sec-admin", "/ops/users")
    assert await axe(page) == []
    await page.get_by_role("link", name="授予岗位").click()
    await page.get_by_role("button", name="提出授予").last.click()
    await expect(page.locator(".error-summary")).to_be_focused()
    assert await axe(page) == []
    await page.get_by_label("账号").fill(account_of("expert"))
    await page.get_by_label("岗位", exact=True).select_option("AUDITOR")
    await page.get_by_role("combobox", name="地区").fill("460000000000")
    await page.get_by_label("持有人身份证号码").fill("11010519491231002X")
    await page.get_by_role("button", name="提出授予").last.click()
    await expect(page.locator(".banner.good")).to_contain_text("另一位安全管理员复核")
    row = page.locator("#posts tbody tr").first
    await row.get_by_role("button", name="复核").click()
    await expect(page.locator("h1")).not_to_have_text("用户与岗位")
    second = await portal.as_user("sec-admin-2", "/ops/users?state=PROPOSED")
    await second.locator("#posts tbody tr").first.get_by_role("button", name="复核").click()
    await expect(second.locator(".banner.good")).to_contain_text("岗位生效")
    await second.goto(f"/ops/users?account={account_of('expert')}&state=GRANTED")
    post = second.locator("tr", has_text="审计监督")
    await post.get_by_role("link", name="撤销").click()
    assert await axe(second) == []
    await second.get_by_label("理由").fill("试验结束")
    await second.get_by_role("button", name="确认撤销").last.click()
    await expect(second.locator(".banner.good")).to_contain_text("已撤销")


async def test_an_identity_number_never_comes_back(portal: Portal) -> None:
    page = await portal.as_user("sec-admin", "/ops/users/grant")
    await page.get_by_label("账号").fill("somebody")
    await page.get_by_label("持有人身份证号码").fill("11010519491231002X")
    await page.get_by_role("button", name="提出授予").last.click()
    await expect(page.locator(".error-summary")).to_be_visible()
    await expect(page.get_by_label("账号")).to_have_value("somebody")
    assert "11010519491231002X" not in await page.content()


async def test_posts_are_listed_by_place_and_person(portal: Portal) -> None:
    page = await portal.as_role("AUDIT_ADMIN", "/ops/users")
    await expect(page.get_by_role("link", name="授予岗位")).to_have_count(0)
    await page.get_by_role("combobox", name="地区").fill("460106000000")
    await page.get_by_role("button", name="查询").click()
    await expect(page.locator("#posts tbody")).not_to_contain_text("三亚")
    await page.get_by_label("账号").fill("nobody-at-all")
    await page.get_by_role("button", name="查询").click()
    await expect(page.locator("#posts")).to_contain_text("没有符合条件的岗位")
    assert await axe(page) == []


async def test_a_spreadsheet_is_looked_at_before_it_is_proposed(
    portal: Portal, tmp_path: Path
) -> None:
    head = "账号,岗位,地区代码,生效日期,终止日期\n"
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(f"{head}portal-import,DEPT,460000000000,2199-01-01,2199-01-02\n")
    bad.write_text(f"{head}portal-import,不存在的岗位,460000000000,2199-01-01,2199-01-02\n")
    page = await portal.as_user("sec-admin", "/ops/users/imports")
    assert await axe(page) == []
    await page.get_by_role("button", name="预检").last.click()
    await expect(page.locator(".error-summary")).to_contain_text("请选择文件")
    await page.locator("#f-table").set_input_files(bad)
    await page.get_by_role("button", name="预检").last.click()
    await expect(page.locator("#main")).to_contain_text("1 行有误")
    assert await axe(page) == []
    await page.get_by_role("link", name="改好后重新预检").click()
    await page.locator("#f-table").set_input_files(good)
    await page.get_by_role("button", name="预检").last.click()
    await expect(page.locator("#main")).to_contain_text("1 行可以授予，0 行有误")
    await page.locator("#f-table").set_input_files(bad)
    await page.get_by_role("button", name="提出导入").last.click()
    await expect(page.locator(".error-summary")).to_contain_text("不是预检过的文件")
    await page.locator("#f-table").set_input_files(good)
    await page.get_by_role("button", name="预检").last.click()
    await page.locator("#f-table").set_input_files(good)
    await page.get_by_role("button", name="提出导入").last.click()
    await expect(page.locator(".banner.good")).to_contain_text("已提出导入")
    second = await portal.as_user("sec-admin-2", "/ops/users/imports")
    await second.get_by_role("button", name="复核").first.click()
    await expect(second.locator(".banner.good")).to_contain_text("全部岗位生效")


async def test_sessions_of_an_account_are_ended(portal: Portal) -> None:
    await portal.as_role("TOWN_CLERK", "/me")
    account = account_of(username("TOWN_CLERK"))
    page = await portal.as_user("sec-admin", f"/ops/security?account={account}")
    await expect(page.locator("tbody tr").first).to_contain_text("街道")
    assert await axe(page) == []
    await page.get_by_role("button", name="结束").last.click()
    await expect(page.locator(".error-summary")).to_be_visible()
    await page.get_by_label("理由").fill("设备遗失")
    await page.get_by_role("button", name="结束").last.click()
    await expect(page.locator(".banner.good")).to_contain_text("个登录会话")
    await expect(page.locator(".empty")).to_be_visible()


async def test_an_account_is_disabled_and_enabled_by_another(portal: Portal) -> None:
    page = await portal.as_user("sec-admin", "/ops/accounts")
    await page.get_by_label("账号").fill("portal-somebody")
    await page.get_by_label("理由").fill("离职")
    await page.get_by_role("button", name="停用账号").click()
    await expect(page.locator(".banner.good")).to_contain_text("已停用")
    second = await portal.as_user("sec-admin-2", "/ops/accounts?account=portal-somebody")
    await second.get_by_label("理由").fill("误停")
    await second.get_by_role("button", name="恢复账号").click()
    await expect(second.locator(".banner.good")).to_contain_text("已恢复")


async def test_a_post_is_delegated_for_leave(portal: Portal) -> None:
    page = await portal.as_role("TOWN_LEAD", "/me/delegations")
    assert await axe(page) == []
    await page.get_by_role("button", name="提出委托").last.click()
    await expect(page.locator(".error-summary")).to_be_focused()
    assert await axe(page) == []
    await page.get_by_label("代理人账号").fill(account_of("expert"))
    await page.get_by_label("起").fill("2199-01-01")
    await page.get_by_label("止").fill("2199-01-05")
    await page.get_by_label("理由").fill("公休")
    await page.get_by_role("button", name="提出委托").last.click()
    await expect(page.locator("tbody tr").first).to_contain_text("待复核")
    assert await axe(page) == []
    await page.get_by_role("button", name="终止").click()
    await expect(page.locator(".empty")).to_be_visible()
