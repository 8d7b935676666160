"""Cases of 大同街道 in every state, as the pictures show them."""

from gateway.demo.application import form
from kit.ids import uuid7
from tests.stories.people import Town
from tests.stories.test_letters import printed

LATE_DAYS = 20
"""Days after which what waited at the start is late."""
EARLY = {"late": "金色晚霞太极拳队", "filed": "椰风海韵琼剧社"}
FRESH = {
    "waiting": "书香邻里阅读社",
    "correction": "大手牵小手课后托管志愿服务队",
    "review": "夕阳红合唱队",
    "proposed": "巧手黎锦编织社",
    "refusable": "大同里小区业主摄影与短视频创作交流互助社",
    "lacking": "大同里小区流浪动物关爱志愿服务队",
    "patrol": "平安大同巡逻志愿服务队",
}
AWAITING_VILLAGE = ("waiting",)
Ids = dict[str, str]


async def cases(town: Town) -> Ids:
    """One of each kind; those that came first are late by now."""
    found = await submitted(town, EARLY, 51)
    await decided(town, found["filed"])
    letter = await printed(await town.person("resident.datong"), found["filed"], "BA05")
    town.advance(LATE_DAYS)
    found |= await submitted(town, FRESH, 53)
    await marked(town, found["lacking"])
    await returned(town, found["correction"])
    await proposed(town, found["proposed"])
    drafts = {"draft": await draft(town), "empty": await empty(town)}
    return found | drafts | {"letter": letter["code"]}


async def submitted(town: Town, names: Ids, serial: int) -> Ids:
    """Received, and most of them looked through by village and clerk."""
    found = {}
    for at, (key, name) in enumerate(names.items(), serial):
        found[key] = await town.draft(name, application(town, at))
        await town.submit(found[key])
        if key not in AWAITING_VILLAGE:
            await town.reviewed(found[key])
    return found


def application(town: Town, serial: int) -> dict[str, object]:
    """What the applicant says."""
    said = {
        "purpose": "丰富居民文化生活，促进邻里互助",
        "businessScope": "文艺排练；节日演出；邻里互助",
    }
    return form("", town.community, serial, "大同里社区综合服务中心二楼") | said


async def draft(town: Town) -> str:
    """A complete draft."""
    return await town.draft("四点半课堂志愿服务队", application(town, 61))


async def empty(town: Town) -> str:
    """A draft in which nothing stands yet."""
    filing_id, resident = str(uuid7()), await town.person("resident.datong")
    body = {"filingId": filing_id, "communityCode": town.community}
    await resident.post("/api/v1/filings", body)
    return filing_id


async def proposed(town: Town, filing_id: str) -> None:
    """The second person is asked."""
    clerk = await town.person("clerk.datong")
    body = {"decision": "DECISION_ACCEPT", "reason": "材料齐全，符合备案条件"}
    await clerk.post(f"/api/v1/filings/{filing_id}:proposeDecision", body)


async def decided(town: Town, filing_id: str) -> None:
    """准予备案."""
    await proposed(town, filing_id)
    lead = await town.person("lead.datong")
    await lead.post(f"/api/v1/filings/{filing_id}:decide", {"agree": True})


async def marked(town: Town, filing_id: str) -> None:
    """One material cannot be read."""
    clerk = await town.person("clerk.datong")
    finding = {
        "code": "MATERIAL_CODE_B05", "completeness": "COMPLETENESS_UNREADABLE",
        "note": "活动场所使用证明照片模糊，无法辨认出具单位",
    }  # fmt: skip
    await clerk.post(f"/api/v1/filings/{filing_id}:markCompleteness", {"findings": [finding]})


async def returned(town: Town, filing_id: str) -> None:
    """一次性告知补正."""
    await marked(town, filing_id)
    clerk = await town.person("clerk.datong")
    await clerk.post(f"/api/v1/filings/{filing_id}:returnForCorrection")
