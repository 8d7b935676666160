"""What the pictures show: cases, announcements, a filing to renew, a subscription, a parked fact."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx

from gateway.demo.client import Person
from gateway.demo.sample import YACHA, agreed
from gateway.demo.stories import Place, Stage, Told, decide, mark
from kit.ids import uuid7
from tests.platform import Platform
from tests.portal.seeded import seed
from tests.portal.sheet.cases import Ids, cases, decided
from tests.portal.test_operation import ORG, PARK
from tests.sink import LOCAL, Authority, Sink
from tests.stories.people import Town
from tests.stories.test_departments import FILED, PATH

BASIS = {
    "title": "海南省社区社会组织备案管理规程", "documentNo": "琼民规〔2026〕1号",
    "issuer": "白沙黎族自治县民政局", "issuedOn": "2026-01-05",
}  # fmt: skip
RENEWED = Place(
    "469025100001", "白沙黎族自治县牙叉镇桥南社区竹竿舞队", "桥南社区综合服务中心", *YACHA, 71
)


@asynccontextmanager
async def scene(platform: Platform, authority: Authority) -> AsyncIterator[Ids]:
    """All of it, made through the public interface; answers the ids by name."""
    async with (
        Sink(authority) as sink,
        httpx.AsyncClient(base_url=platform.url, timeout=60) as http,
    ):
        town = Town(platform, http, name="海口市龙华区大同街道大同里社区{}")
        told = await seed(platform)
        renewal = await renewable(town)
        found = await cases(town)
        found["subscription"] = await subscribed(town, sink)
        await decided(town, found["patrol"])
        await parked(platform)
        yield found | {
            "renewal": renewal,            "organization": told.organization, "announcement": told.announcement,
            "withdrawn": told.withdrawn, "number": told.number, "tracking": told.code,
        }  # fmt: skip


async def subscribed(town: Town, sink: Sink) -> str:
    """Two of the police: one is live, one is to be approved."""
    officer = await town.person("police.longhua")
    county = await town.person("county-approve.longhua")
    live = await asked(officer, sink, "社区治安联防信息共享")
    await county.post(f"{PATH}/{live}:approve")
    await officer.post(f"{PATH}/{live}:rotateSecret")
    await officer.post(f"{PATH}/{live}:test")
    await asked(officer, sink, "大型活动安全保卫")
    return live


async def asked(officer: Person, sink: Sink, purpose: str) -> str:
    """A subscription asked for."""
    found = str(uuid7())
    body = {
        "subscriptionId": found, "regionCode": "460106000000", "types": [FILED],
        "purpose": purpose, "url": sink.url, "networks": [f"{LOCAL}/32"],
    }  # fmt: skip
    await officer.post(PATH, body)
    return found


async def renewable(town: Town) -> str:
    """Filed where filings are valid for a year and renewed from the first day on."""
    county = await town.person("county-approve.baisha")
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    rule = {"regionCode": "469025000000", "effectiveFrom": today, "basis": BASIS}
    for key, value in (("VALID_YEARS", "1"), ("RENEW_BEFORE_D", "366")):
        await county.post(f"/api/v1/filing-rules/FIL.{key}/settings", rule | {"value": value})
    stage, told = Stage(town, _still, lambda _: None), Told(RENEWED.name)  # type: ignore[arg-type]
    await agreed(stage, RENEWED, told)
    await mark(await town.person(RENEWED.clerk), told)
    await decide(stage, RENEWED, told)
    await owned(await town.person(RENEWED.resident), told.filing_id)
    return told.filing_id


async def _still(_: int) -> None:
    """The days have passed already."""


async def owned(resident: Person, filing_id: str) -> None:
    """Until the filing is due and the applicant holds the post of its owner."""
    async with asyncio.timeout(60):
        while True:
            filing = (await resident.get(f"/api/v1/filings/{filing_id}"))["filing"]
            posts = (await resident.get("/api/v1/my/posts"))["posts"]
            held = [one.get("organizationId") for one in posts]
            if filing["state"].endswith("RENEW_DUE") and filing["organizationId"] in held:
                return
            await asyncio.sleep(0.2)


async def parked(platform: Platform) -> None:
    """A fact that notifications has given up."""
    database = await platform.database("notifications")
    await database.execute(PARK, ORG)
    await database.close()
