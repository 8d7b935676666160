"""J1: a filing from the guide to its receipt, with scripts, without them, by keys alone."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.portal.applying import (
    COMMUNITY,
    MEMBERS,
    PEOPLE,
    PLACE,
    Applying,
    file,
    fresh_name,
    number,
)
from tests.portal.portal import Portal


@pytest.mark.policy("T11.2", "T11.5", "T7.1")
async def test_a_resident_files_and_gets_a_receipt(portal: Portal) -> None:
    guide = await portal.open("/apply/filing")
    await expect(guide.locator("h1")).to_have_text("社区社会组织备案")
    applying = await Applying.start(portal)
    await expect(applying.page.locator(".tasks")).to_contain_text("还差 7 项")
    await applying.filled()
    text = await applying.page.locator("#main").inner_text()
    assert applying.name in text
    assert number(0) not in await applying.page.content(), "numbers are masked when read over"
    receipt = await applying.submit()
    assert re.fullmatch(r"SB\d{8}460106\d{4}", receipt)
    main = applying.page.locator("#main")
    await expect(main).to_contain_text("办理期限")
    await applying.page.get_by_role("link", name="查看办理进度").click()
    await expect(applying.page.locator("h1")).to_have_text(applying.name)
    await expect(applying.page.locator(".timeline")).to_contain_text("提交申请")


async def test_a_resident_files_without_scripts(portal: Portal) -> None:
    applying = await Applying.start(portal, scripts=False)
    page = applying.page
    await applying.go("people")
    await applying.fill("form.principals[0].name", "符晓")
    await page.get_by_role("button", name="再加一位负责人").click()
    await expect(page.locator("fieldset.person")).to_have_count(2)
    await applying.fill("form.principals[1].name", "王芳")
    await page.get_by_role("button", name="再加一位负责人").click()
    await expect(page.locator("fieldset.person")).to_have_count(3)
    await page.get_by_role("button", name="删除第 1 位").click()
    await expect(page.locator('[name="form.principals[0].name"]')).to_have_value("王芳")
    await applying.filled()
    assert (await applying.submit()).startswith("SB")


class Keys:
    """A keyboard that counts every key but those of texts."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0
        # Choosers are caught from now on; what is asked for only then comes too late on a busy machine.
        page.on("filechooser", lambda _: None)

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.pressed += 1
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        await self.page.keyboard.insert_text(text)

    async def on(self, key: str, heading: str) -> None:
        await self.press(key)
        await expect(self.page.locator("h1")).to_have_text(heading)
        await self.page.wait_for_load_state()
        first = self.page.locator("[autofocus]")
        if await first.count():
            await expect(first.first).to_be_focused()

    async def choose(self, *files: object) -> None:
        """A file in the window of the system, which opens by a key."""
        async with self.page.expect_file_chooser() as opened:
            await self.press("Enter")
        await (await opened.value).set_files(list(files))  # type: ignore[arg-type]


async def test_a_resident_files_by_keys_alone(portal: Portal) -> None:
    page = await portal.as_user("resident.datong", "/apply/filing")
    keys = Keys(page)
    await keys.on("Control+Enter", "组织在哪个村（社区）活动")
    await keys.type(COMMUNITY)
    await keys.on("Enter", "备案申请")
    await keys.on("Control+Enter", "组织基本信息")
    await keys.type(fresh_name().removeprefix(PLACE))
    await keys.press("Tab", "ArrowDown", "Tab")
    await keys.type("大同里社区文化活动室")
    await keys.press("Tab", "Space")
    await keys.on("Enter", "负责人与成员")
    await keys.type(MEMBERS)
    for at, (name, phone) in enumerate(PEOPLE):
        for text in (name, number(at), phone):
            await keys.press("Tab")
            await keys.type(text)
    await keys.on("Enter", "宗旨与章程")
    await keys.type("丰富居民文化生活")
    for text in ("合唱排练", "20260301", "10", "10"):
        await keys.press("Tab")
        await keys.type(text)
    await keys.press("Tab", "Space")
    await keys.on("Enter", "材料上传")
    await keys.choose(file())
    await keys.press("Tab")
    await keys.choose(file())
    await keys.on("Control+Enter", "核对申请内容")
    await keys.on("Control+Enter", "承诺书")
    await keys.press("Space")
    await keys.on("Enter", "申请已提交")
    assert keys.pressed <= 30, keys.pressed
