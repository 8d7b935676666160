"""J7: a department subscribes, another person approves, a secret is shown once, a test arrives, events go out."""

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from gateway.demo.application import form as demo_form
from tests.kit.facts.helpers import until
from tests.portal.portal import Portal, axe
from tests.sink import LOCAL, Authority, Sink, accept, always
from tests.stories.people import Town
from tests.stories.test_register import file as file_organization

PURPOSE = "社区治安联防信息共享"
FILED = "准予备案"
SECONDS = 30


@pytest.fixture
async def sink(authority: Authority) -> AsyncIterator[Sink]:
    """The department's end."""
    async with Sink(authority) as running:
        yield running


async def requested(portal: Portal, url: str) -> tuple[Page, str]:
    """A subscription asked for by the department's officer; answers its page."""
    page = await portal.as_role("DEPT", "/dept/catalog")
    await page.get_by_text(FILED, exact=False).first.click()
    await expect(page.locator("pre.sample").first).to_contain_text('"specversion": "1.0"')
    assert await axe(page) == []
    await page.get_by_role("link", name="申请订阅").click()
    await page.get_by_label(re.compile("^准予备案")).check()
    await page.get_by_label("用途").fill(PURPOSE)
    await page.get_by_label("接收地址", exact=True).fill(url)
    await page.get_by_label("接收地址所在网段").fill(f"{LOCAL}/32")
    assert await axe(page) == []
    await page.get_by_role("button", name="提交申请").last.click()
    await expect(page.locator(".tag")).to_have_text("待批准")
    return page, page.url


async def approved(portal: Portal, address: str) -> None:
    """By the county."""
    county = await portal.as_role("COUNTY_APPROVE", "/dept/subscriptions")
    await expect(county.get_by_role("link", name=PURPOSE).first).to_be_visible()
    assert await axe(county) == []
    await county.goto(address)
    await county.get_by_role("button", name="批准", exact=True).click()
    await expect(county.locator(".tag").first).to_contain_text("已批准")
    assert await axe(county) == []
    await expect(county.get_by_role("button", name="领取签名密钥")).to_have_count(0)


async def test_a_department_subscribes_and_receives(portal: Portal, sink: Sink) -> None:
    page, address = await requested(portal, sink.url)
    await expect(page.get_by_role("button", name="领取签名密钥")).to_have_count(0)
    await approved(portal, address)
    await page.goto(address)
    await page.get_by_role("button", name="领取签名密钥").click()
    secret = await page.locator(".secret").inner_text()
    assert secret.startswith("whsec_")
    assert await axe(page) == []
    await page.get_by_role("link", name="已存好，去试送达").click()
    assert secret not in await page.content(), "shown once"
    await page.get_by_role("button", name="试送达").click()
    await expect(page.locator(".banner.good")).to_contain_text("已送达")
    assert await axe(page) == []
    assert sink.received[0].headers["webhook-signature"].startswith("v1,")
    await page.goto(address)
    await expect(page.locator(".tag").first).to_have_text("推送中")
    await paused_and_resumed(page, address)
    await delivered(portal, page, sink)
    await sent_again(page, sink)
    await failing(page, sink)


async def came(sink: Sink, count: int) -> None:
    """So many events have come."""

    async def there() -> bool:
        return len(sink.received) >= count

    await until(there, SECONDS)


async def reads(page: Page, address: str, place: Locator, text: str) -> None:
    """The page tells it: what was answered is recorded a moment after the answer."""

    async def there() -> bool:
        await page.goto(address)
        return await place.count() > 0 and text in await place.inner_text()

    await until(there, SECONDS)


async def delivered(portal: Portal, page: Page, sink: Sink) -> None:
    """An organization is filed: its event stands in the log with what was sent."""
    async with httpx.AsyncClient(base_url=portal.platform.url, timeout=20) as http:
        town = Town(portal.platform, http)
        form = demo_form("", town.community, 811, "大同里社区综合服务中心三楼")
        case = await file_organization(town, "灯塔投递", form)
    await came(sink, 2)
    row = page.locator("tbody tr").first
    await reads(page, "/dept/deliveries", row, "已送达")
    await expect(row).to_contain_text("204")
    assert await axe(page) == []
    await row.get_by_role("link").click()
    shown = json.loads(await page.locator("pre.sample").inner_text())
    assert shown["data"]["name"] == case["form"]["name"]
    assert shown == json.loads(sink.received[1].body)
    assert await axe(page) == []


async def sent_again(page: Page, sink: Sink) -> None:
    """A range goes out once more; one that is none is refused with a sentence."""
    before = len(sink.received)
    await page.goto("/dept/deliveries")
    await page.locator("#f-fromTime").fill("2026-13-45")
    await page.get_by_role("button", name="重新投递").last.click()
    await expect(page.locator(".error-summary")).to_contain_text("范围")
    assert await axe(page) == []
    await page.locator("#f-fromTime").fill("2020-01-01 00:00")
    await page.get_by_role("button", name="重新投递").last.click()
    await expect(page.locator(".banner.good")).to_contain_text("个事件将重新投递")
    await came(sink, before + 1)
    assert sink.ids[-1] in sink.ids[:-1] or len(sink.ids) > before


async def failing(page: Page, sink: Sink) -> None:
    """An address that answers errors: since when, the next try, who is told."""
    sink.behavior = always(500)
    before = len(sink.received)
    await page.goto("/dept/deliveries")
    await page.get_by_role("button", name="重新投递").last.click()
    await came(sink, before + 1)
    await reads(page, "/dept/deliveries?waiting=yes", page.locator("tbody"), "答复为错误状态")
    bad = page.locator(".banner.bad:not(#trouble)")
    await reads(page, "/dept/deliveries?waiting=yes", bad, "下次尝试")
    assert await axe(page) == []
    sink.behavior = accept


async def paused_and_resumed(page: Page, address: str) -> None:
    """A pause asks for its reason."""
    await page.get_by_role("link", name="暂停推送").click()
    await page.get_by_label("理由").fill("")
    await page.get_by_role("button", name="暂停推送").last.click()
    await expect(page.locator(".error-summary")).to_be_focused()
    assert await axe(page) == []
    await page.get_by_label("理由").fill("接收端升级")
    await page.get_by_role("button", name="暂停推送").last.click()
    await expect(page.locator(".tag").first).to_have_text("已暂停")
    await page.get_by_role("button", name="恢复推送").click()
    await expect(page.locator(".tag").first).to_have_text("推送中")
