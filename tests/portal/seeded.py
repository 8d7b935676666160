"""What the pages are shown: the demo data of a first start, announcements beside them."""

import asyncio
from dataclasses import dataclass

import httpx

from gateway.demo.application import form as demo_form
from kit.ids import uuid7
from tests.platform import Platform
from tests.stories.people import Town

BODY = "各社区社会组织：\n\n一、请于本周内自查消防设施。\n二、检查时间为每周三上午。\n\n特此公告。"


SECONDS = 90


@dataclass(frozen=True)
class Seeded:
    """Ids of what is there."""

    organization: str
    announcement: str
    withdrawn: str
    number: str
    code: str
    persons: tuple[str, ...]
    """Names no public page may tell."""

    def fill(self, path: str) -> str:
        """An address with its ids."""
        return path.format(
            organization=self.organization,
            announcement=self.announcement,
            withdrawn=self.withdrawn,
        )


async def seed(platform: Platform) -> Seeded:
    """The organization of the demo data, one announcement published, one withdrawn, one case to track."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        town = Town(platform, http)
        found = await first_organization(http)
        resident = await town.person("resident.datong")
        case = (await resident.get("/api/v1/my/filings"))["filings"][-1]
        tracked = await resident.get(f"/api/v1/filings/{case['filingId']}/tracking-code")
        people = demo_form("", town.community, 11, "")["principals"]
        return Seeded(
            organization=found,
            announcement=await announce(town, "关于夏季消防检查的公告"),
            withdrawn=await announce(town, "关于场地开放时间的公告", "时间调整"),
            number=tracked["applicationNo"],
            code=tracked["code"],
            persons=tuple(person["name"] for person in people),
        )


async def first_organization(http: httpx.AsyncClient) -> str:
    """The one of the demo data: it is made once the door is open."""
    async with asyncio.timeout(SECONDS):
        while True:
            found = (await http.get("/api/v1/organizations")).json().get("organizations", [])
            if found:
                return str(found[0]["organizationId"])
            await asyncio.sleep(0.2)


async def announce(town: Town, title: str, withdrawn: str = "") -> str:
    """An announcement of 大同街道; with a reason it is withdrawn again."""
    clerk, lead = await town.person("clerk.datong"), await town.person("lead.datong")
    announcement_id = str(uuid7())
    text = {"kind": "ANNOUNCEMENT_KIND_OTHER", "title": title, "body": BODY}
    body = {"announcementId": announcement_id, "text": text}
    await clerk.post("/api/v1/announcements", body)
    path = f"/api/v1/announcements/{announcement_id}"
    await lead.post(f"{path}:publish")
    if withdrawn:
        await lead.post(f"{path}:withdraw", {"reason": withdrawn})
    return announcement_id
