"""One valid call of every operation of supervision."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.demo.client import Person
from kit.ids import uuid7

People = Callable[[str], Awaitable[Person]]


async def found(person: People) -> str:
    """The organization that was filed, once it is in the register."""
    clerk = await person("clerk.datong")
    for _ in range(300):
        organizations = (await clerk.get("/api/v1/organizations", search="备案志愿"))[
            "organizations"
        ]
        if organizations:
            break
        await asyncio.sleep(0.1)
    organization_id = str(organizations[0]["organizationId"])
    path = f"/api/v1/organizations/{organization_id}"
    await clerk.get(path)
    await clerk.get(f"{path}/history")
    return organization_id


async def announced(person: People) -> str:
    """One announcement published and withdrawn, one discarded, then one left a draft."""
    clerk, lead = await person("clerk.datong"), await person("lead.datong")
    path = await _drafted(clerk)
    await lead.post(f"{path}:publish")
    await lead.get(path)
    await lead.post(f"{path}:withdraw", {"reason": "内容有误"})
    await clerk.get("/api/v1/announcements")
    await clerk.post(f"{await _drafted(clerk)}:discard")
    path = await _drafted(clerk)
    await clerk.get("/api/v1/announcement-drafts")
    return path.rpartition("/")[2]


async def _drafted(clerk: Person) -> str:
    text = {"kind": "ANNOUNCEMENT_KIND_OTHER", "title": "关于消防检查的公告", "body": "请配合。"}
    announcement_id = str(uuid7())
    await clerk.post("/api/v1/announcements", {"announcementId": announcement_id, "text": text})
    path = f"/api/v1/announcements/{announcement_id}"
    await clerk.put(f"{path}/text", text)
    return path
