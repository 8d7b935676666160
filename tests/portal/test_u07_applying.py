"""U7 on a filing: cut, 500, login ended, stale, double click: no text is lost, one effect, a clear message."""

import asyncio

from playwright.async_api import Page, Route, expect

from gateway.demo.client import PASSWORD
from tests.portal.applying import APPLICANT, Applying, file
from tests.portal.portal import Portal

PURPOSE = "丰富居民文化生活，一字不丢"


async def typed(applying: Applying) -> Page:
    """The charter step with text that was not saved."""
    await applying.go("charter")
    await applying.fill("form.purpose", PURPOSE)
    await applying.fill("form.charter.adoptedOn", "昨天")
    await applying.check("form.targetGroups", "LNR")
    await applying.check("form.targetGroups", "CJR")
    return applying.page


async def kept(page: Page) -> None:
    """What was typed stands there."""
    await expect(page.locator('[name="form.purpose"]')).to_have_value(PURPOSE)
    await expect(page.locator('[name="form.charter.adoptedOn"]')).to_have_value("昨天")
    for code in ("LNR", "CJR"):
        await expect(page.locator(f'[name="form.targetGroups"][value={code}]')).to_be_checked()


async def test_what_cannot_be_read_comes_back_as_typed(portal: Portal) -> None:
    applying = await Applying.start(portal)
    page = await typed(applying)
    await applying.on()
    await expect(page.locator(".error-summary")).to_be_focused()
    assert (await page.title()).startswith("错误：")
    await page.get_by_role("link", name="章程通过日期应为日期").click()
    await expect(page.locator('[name="form.charter.adoptedOn"]')).to_be_focused()
    await kept(page)


async def test_a_login_that_ended_keeps_the_text_for_the_same_person_alone(portal: Portal) -> None:
    applying = await Applying.start(portal)
    page = await typed(applying)
    gateway = await portal.platform.database("gateway")
    await gateway.execute("UPDATE session SET seen_at = now() - interval '16 minutes'")
    await gateway.close()
    ours = [one for one in await page.context.cookies() if str(one["name"]).startswith("__Host-")]
    await page.context.clear_cookies()
    await page.context.add_cookies(ours)  # type: ignore[arg-type]
    await applying.on()
    await page.wait_for_url("**/realms/**")
    assert PURPOSE not in str(await page.context.cookies())
    await page.fill("input[name=username]", APPLICANT)
    await page.fill("input[name=password]", PASSWORD)
    await page.locator("input[name=password]").press("Enter")
    await page.wait_for_url("**/charter")
    await expect(page.locator("#main")).to_contain_text("已经恢复")
    await kept(page)
    await page.reload()
    await expect(page.locator('[name="form.purpose"]')).to_have_value("")


async def test_a_draft_saved_elsewhere_shows_who_and_what_differs(portal: Portal) -> None:
    applying = await Applying.start(portal)
    page = applying.page
    await applying.go("charter")
    other = await page.context.new_page()
    await other.goto(page.url)
    await other.fill('[name="form.purpose"]', "先保存的宗旨")
    await other.get_by_role("button", name="保存后返回").click()
    await expect(other.locator("h1")).to_have_text("备案申请")
    await applying.fill("form.purpose", PURPOSE)
    await applying.on()
    banner = page.locator(".banner.warn")
    await expect(banner).to_contain_text("居民")
    await expect(banner).to_contain_text("保存草稿")
    await expect(banner.locator("td.changed").first).to_have_text(PURPOSE)
    await expect(page.locator('[name="form.purpose"]')).to_have_value(PURPOSE)
    await banner.get_by_role("link", name="重新载入").click()
    await expect(page.locator('[name="form.purpose"]')).to_have_value("先保存的宗旨")


async def test_a_double_click_has_one_effect(portal: Portal) -> None:
    applying = await Applying.start(portal)
    await applying.filled()
    await applying.on_link()
    await applying.page.check("[name=signed]")
    form = await applying.page.evaluate(
        "Object.fromEntries(new FormData(document.querySelector('main form')))"
    )
    path = f"{applying.base}/pledge"
    send = """async ([path, form]) => (await Promise.all([1, 2, 3].map(() => fetch(path, {
      method: 'POST', body: new URLSearchParams(form)})))).map((one) => one.url)"""
    ends = await applying.page.evaluate(send, [path, form])
    assert {end.rpartition("/")[2] for end in ends} == {"receipt"}
    filing_id = applying.base.rpartition("/")[2]
    filing = await portal.platform.database("filing")
    steps = await filing.fetchval(
        "SELECT count(*) FROM filing_step WHERE filing_id = $1::uuid AND action = 'submit'",
        filing_id,
    )
    await filing.close()
    assert steps == 1


async def test_files_that_are_cut_off_or_meet_an_error_stay_chosen(portal: Portal) -> None:
    applying = await Applying.start(portal, watched=False)
    page = applying.page
    await applying.go("materials")
    await page.set_input_files('[name="materials.B02"]', file())
    broken = asyncio.Event()

    async def fail(route: Route) -> None:
        if route.request.method != "POST" or broken.is_set():
            await route.continue_()
        else:
            broken.set()
            await route.fulfill(status=500, body="")

    await page.route("**/materials", fail)
    await applying.on()
    await expect(page.locator("#trouble")).to_contain_text("没有完成")
    chosen = "document.querySelector('[name=\"materials.B02\"]').files.length"
    assert await page.evaluate(chosen) == 1
    await page.get_by_role("button", name="重试").click()
    await expect(page.locator(".error-summary")).to_contain_text("请上传活动场所使用证明")
    await expect(page.locator("#main")).to_contain_text("已上传：PDF")
