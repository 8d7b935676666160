"""`/verify`: forms that work without scripts; a letter nobody knows, one that stands, a file that was changed."""

import httpx
import pytest
from playwright.async_api import expect

from gateway.demo.application import form as demo_form
from tests.portal.portal import Portal, axe
from tests.stories.people import Town
from tests.stories.test_letters import file_of, printed


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_code_nobody_knows(portal: Portal, scripts: bool) -> None:
    page = await portal.open("/verify", scripts=scripts)
    assert not scripts or await axe(page) == []
    await page.get_by_label("核验码").fill("0000-0000-0000-0000")
    await page.get_by_role("button", name="核验", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("核验未通过")
    assert "code=0000" in page.url
    await page.get_by_role("button", name="核验文件").last.click()
    await expect(page.locator(".error-summary")).to_contain_text("请选择文书文件。")


async def test_a_letter_is_checked_by_its_code_and_by_its_file(portal: Portal) -> None:
    async with httpx.AsyncClient(base_url=portal.platform.url, timeout=20) as http:
        town = Town(portal.platform, http)
        form = demo_form("", town.community, 31, "大同里社区综合服务中心四楼")
        filing_id = await town.draft("核验", form)
        await town.submit(filing_id)
        resident = await town.person("resident.datong")
        letter = await printed(resident, filing_id, "BA03")
        pdf = await file_of(resident, filing_id, letter)
    page = await portal.open(f"/verify?code={letter['code']}", scripts=False)
    await expect(page.locator("main")).to_contain_text("本平台出具的文书")
    await expect(page.locator("main")).to_contain_text(letter["number"])
    page = await portal.open("/verify", size=(390, 844))
    for content, told in ((pdf, "收件凭证"), (pdf + b"\n", "核验未通过")):
        await page.get_by_label("文书编号").fill(letter["number"])
        file = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": content}
        await page.get_by_label("文书文件").set_input_files(file)  # type: ignore[arg-type]
        await page.get_by_role("button", name="核验文件").last.click()
        await expect(page.locator("main")).to_contain_text(told)
    assert await axe(page) == []
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
