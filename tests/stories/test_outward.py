"""IF-09: a filing is decided, and the applicant hears of it by SMS and mail as he wants to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from gateway.demo.application import form as demo_form
from gateway.demo.client import Person
from tests.neighbors import Neighbors
from tests.platform import Platform
from tests.stories.people import Town, refusal

PHONE, MAIL = "12000004321", "resident@home.example"
PATH = "/api/v1/dispatches"


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


async def decided(town: Town, brand: str) -> str:
    """A filing from the draft to its number; answers the name."""
    filing_id = await town.draft(brand, demo_form("", town.community, 13, "大同里六楼"))
    await town.submit(filing_id)
    await town.reviewed(filing_id)
    clerk, lead = await town.person("clerk.datong"), await town.person("lead.datong")
    path = f"/api/v1/filings/{filing_id}"
    await clerk.post(f"{path}:proposeDecision", {"decision": "DECISION_ACCEPT"})
    await lead.post(f"{path}:decide", {"agree": True})
    return town.name.format(brand)


async def wants(resident: Person, **wishes: Any) -> None:
    """The resident gives number and address, and says what is wanted."""
    contact = {"phone": PHONE, "email": MAIL, **wishes}
    await resident.put("/api/v1/my/contact", {"contact": contact})


async def until(check: Callable[[], bool], otherwise: str) -> None:
    """Wait for something to become true."""
    for _ in range(900):
        if check():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(otherwise)


async def shown(person: Person, subject: str) -> dict[str, dict[str, Any]]:
    """The person's own dispatches of a subject, by way."""
    found = (await person.get(PATH, **{"page.size": "100"}))["dispatches"]
    return {one["channel"]: one for one in found if one["subject"] == subject}


async def test_a_decision_reaches_the_applicant_by_sms_and_mail(
    town: Town, neighbors: Neighbors
) -> None:
    resident = await town.person("resident.datong")
    await wants(resident)
    subject = f"准予备案：{await decided(town, '传信')}"
    await until(
        lambda: bool(neighbors.texted(subject) and neighbors.mailed(subject)), "nothing came"
    )
    (text,), (mail,) = neighbors.texted(subject), neighbors.mailed(subject)
    assert (text["mobile"], text["template"]) == (PHONE, "NOTICE")
    assert mail["To"] == MAIL
    assert "备案编号：SQBA" in mail.get_content()
    neighbors.sms.receipt(text["requestId"])
    for _ in range(300):
        own = await shown(resident, subject)
        if own["CHANNEL_SMS"]["state"] == "DISPATCH_STATE_DELIVERED":
            break
        await asyncio.sleep(0.1)
    assert own["CHANNEL_SMS"]["state"] == "DISPATCH_STATE_DELIVERED"
    assert own["CHANNEL_SMS"]["address"] == "120****4321"
    assert own["CHANNEL_MAIL"]["state"] == "DISPATCH_STATE_ACCEPTED"
    assert own["CHANNEL_MAIL"]["address"] == "r***@home.example"
    assert neighbors.sms.refused == 0


async def test_information_may_be_declined_and_a_decision_not(
    town: Town, neighbors: Neighbors
) -> None:
    resident = await town.person("resident.datong")
    await wants(resident, onlyNecessary=True, channels=["CHANNEL_MAIL"])
    name = await decided(town, "清静")
    await until(lambda: bool(neighbors.mailed(f"准予备案：{name}")), "no mail of the decision")
    assert neighbors.mailed(f"已收件：{name}") == []
    assert neighbors.texted(f"准予备案：{name}") == []
    inbox = (await resident.get("/api/v1/messages"))["messages"]
    assert any(one["subject"] == f"已收件：{name}" for one in inbox), "the inbox has it"


async def test_a_provider_that_hangs_keeps_no_mail_back(town: Town, neighbors: Neighbors) -> None:
    resident = await town.person("resident.datong")
    await wants(resident)
    neighbors.turn(neighbors.sms.knob, open=False)
    try:
        subject = f"准予备案：{await decided(town, '慢路')}"
        await until(lambda: bool(neighbors.mailed(subject)), "the mail waited for the SMS")
        assert neighbors.texted(subject) == []
    finally:
        neighbors.turn(neighbors.sms.knob, open=True)
    await until(lambda: bool(neighbors.texted(subject)), "the SMS is lost")


async def test_others_see_nothing_and_the_administrator_no_text(
    town: Town, neighbors: Neighbors
) -> None:
    resident, neighbor = await town.person("resident.datong"), await town.person("resident.tianya")
    await wants(resident)
    name = await decided(town, "谁看")
    await until(lambda: bool(neighbors.mailed(f"准予备案：{name}")), "nothing came")
    assert await shown(neighbor, f"准予备案：{name}") == {}
    listed = (await (await town.person("sys-admin")).get(PATH))["dispatches"]
    assert {"organization_filed/1"} <= {t for one in listed for t in one["templates"]}
    assert all(one["address"] == one["subject"] == one["body"] == "" for one in listed)
    clerk = await town.person("clerk.datong")
    assert await refusal(clerk.get(PATH)) == (403, "common.no_function")
