"""U9 on a filing: two hundred hostile texts in every field are shown as text, none of them runs."""

from typing import Any

from playwright.async_api import Page

from tests.portal.applying import Applying
from tests.portal.portal import Portal
from tests.portal_unit.hostile import HOSTILE

TEXTS = "input[type=text], input[type=tel], textarea"
STEPS = ("basic", "people", "charter")
SEND = """async ([path, fields]) => {
  const form = new URLSearchParams(new FormData(document.querySelector('main form')));
  for (const [name, text] of fields) form.set(name, text);
  form.set('then', 'next');
  const answer = await fetch(path, {method: 'POST', body: form});
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const field = (name) => page.querySelector(`[name="${name}"]`);
  return [answer.status, fields.map(([name]) => field(name)?.value ?? null),
    page.querySelectorAll('main script, main iframe, main img, main svg, main object').length];
}"""


async def names(page: Page) -> list[str]:
    """Every control that takes a text."""
    found = await page.locator(f"main :is({TEXTS})").all()
    return [str(await one.get_attribute("name")) for one in found]


def told(text: str) -> str:
    """A text as a page shows it: without what surrounds it, lines as lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


async def test_hostile_texts_are_shown_as_text(portal: Portal) -> None:
    applying = await Applying.start(portal)
    page = applying.page
    for step in STEPS:
        await applying.go(step)
        fields = await names(page)
        assert len(fields) >= 4
        wrong: list[Any] = []
        for text in HOSTILE:
            typed = [[name, text] for name in fields]
            status, values, alive = await page.evaluate(SEND, [f"{applying.base}/{step}", typed])
            shown = [None if value is None else told(value) for value in values]
            as_lines = (None, told(text), told(text).replace("\n", ""))
            # What is blank may be answered by what the form begins with.
            lost = status == 422 and told(text) and any(v not in as_lines for v in shown)
            if status >= 500 or alive or lost:
                wrong.append(
                    (step, text[:40], status, alive, [v for v in shown if v != told(text)][:2])
                )
        assert wrong == []


async def test_what_was_saved_of_them_stays_text_on_every_page(portal: Portal) -> None:
    applying = await Applying.start(portal)
    page = applying.page
    bad = "<img src=x onerror=window.__hit=1>\"'><script>window.__hit=1</script>"
    await applying.go("basic")
    await applying.fill("form.name", bad[:100])
    await applying.fill("form.premises.address", bad)
    await page.get_by_role("button", name="保存后返回").click()
    await applying.at("备案申请")
    for path in (
        applying.base,
        f"{applying.base}/check",
        f"{applying.base}/charter/text",
        f"/org/cases/{applying.base.rpartition('/')[2]}",
        "/org",
        "/org/cases",
        "/apply/filing/start",
    ):
        await page.goto(path)
        assert "<img src=x" in await page.locator("#main").inner_text(), path
        assert await page.evaluate("window.__hit") is None, path
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
