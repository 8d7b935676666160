"""长者版: a page is read aloud where the browser has a voice (GB/T 37668), and never behind one's back."""

import pytest
from playwright.async_api import Page, expect

from tests.portal.portal import DESKTOP, MOBILE, Portal, axe

VOICE = """
window.told = []; window.cancelled = 0;
const speech = {
  voices: [{ lang: "zh-CN" }], onvoiceschanged: null, waiting: null,
  getVoices() { return this.voices; },
  speak(words) { told.push([words.lang, words.text]); this.waiting = words; },
  cancel() { cancelled += 1; this.waiting = null; },
};
Object.defineProperty(window, "speechSynthesis", { value: speech });
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
window.finish = (how = "onend") => { const words = speech.waiting; speech.waiting = null; words && words[how](); };
"""
NONE = "delete window.speechSynthesis; delete Window.prototype.speechSynthesis;"


async def heard(portal: Portal, path: str, script: str = VOICE, display: str = "elder", **more) -> Page:  # fmt: skip
    """A page in a browser with such a voice."""
    page = await portal.open("/static/none", display=display, watched=False, **more)
    portal.watch(page)
    await page.context.add_init_script(script)
    await page.goto(path)
    return page


async def to_the_end(page: Page) -> str:
    """Everything that is read until it falls silent."""
    for _ in range(400):
        if not await page.evaluate("!!speechSynthesis.waiting"):
            break
        await page.evaluate("finish()")
    return "\n".join(text for _, text in await page.evaluate("told"))


async def test_a_page_is_read_from_head_to_end(portal: Portal) -> None:
    page = await heard(portal, "/guide/filing?community=460106004002")
    button = page.get_by_role("button", name="朗读本页")
    await expect(button).to_be_visible()
    assert await axe(page) == []
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="停止朗读")).to_be_focused()
    assert await page.evaluate("told") == [["zh-CN", "社区社会组织备案"]]
    await expect(page.locator("h1.spoken")).to_have_count(1)
    assert await axe(page) == []
    said = await to_the_end(page)
    assert "必要性：" in said
    assert "请选择" not in said
    await expect(button).to_be_visible()
    await expect(page.locator(".spoken")).to_have_count(0)
    assert all(len(text) <= 150 for _, text in await page.evaluate("told"))


@pytest.mark.parametrize("way", ["click", "escape", "error", "swap"])
async def test_reading_stops(portal: Portal, way: str) -> None:
    page = await heard(portal, "/register")
    await page.get_by_role("button", name="朗读本页").click()
    before = await page.evaluate("cancelled")
    if way == "click":
        await page.get_by_role("button", name="停止朗读").click()
    elif way == "escape":
        await page.keyboard.press("Escape")
    elif way == "error":
        await page.evaluate("finish('onerror')")
    else:
        await page.locator("select[name=status]").select_option("EXPIRED")
    await expect(page.get_by_role("button", name="朗读本页")).to_be_visible()
    assert await page.evaluate("cancelled") > before
    assert len(await page.evaluate("told")) == 1
    await expect(page.locator(".spoken")).to_have_count(0)


async def test_it_falls_silent_when_the_page_is_left(portal: Portal) -> None:
    page = await heard(portal, "/guide")
    await page.get_by_role("button", name="朗读本页").click()
    await page.evaluate("addEventListener('pagehide', () => sessionStorage.setItem('left', cancelled))")  # fmt: skip
    before = await page.evaluate("cancelled")
    await page.goto("/sitemap")
    assert int(await page.evaluate("sessionStorage.getItem('left')")) > before


async def test_without_a_voice_there_is_no_button(portal: Portal) -> None:
    for script in (NONE, VOICE.replace('[{ lang: "zh-CN" }]', "[]")):
        page = await heard(portal, "/guide", script)
        await expect(page.locator("[data-aloud]")).to_have_count(1)
        await expect(page.locator("[data-aloud]")).to_be_hidden()
    await page.evaluate("speechSynthesis.voices = [{ lang: 'zh-CN' }]; speechSynthesis.onvoiceschanged()")  # fmt: skip
    await expect(page.get_by_role("button", name="朗读本页")).to_be_visible()
    plain = await portal.open("/guide", display="elder", scripts=False)
    await expect(plain.locator("[data-aloud]")).to_be_hidden()
    usual = await heard(portal, "/guide", display="")
    await expect(usual.locator("[data-aloud]")).to_have_count(0)


@pytest.mark.parametrize("size", [DESKTOP, MOBILE])
async def test_english_is_read_as_english_and_the_head_fits(portal: Portal, size) -> None:
    page = await heard(portal, "/guide", display="elder.en", size=size)
    await page.get_by_role("button", name="Read aloud").click()
    assert (await page.evaluate("told"))[0][0] == "en"
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
