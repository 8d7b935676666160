"""Stories 1, 9 and 10: what happens, on which day, by whom."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.demo.application import PDF, form
from gateway.demo.client import People, Person, Refused
from kit.ids import uuid7

MATERIALS = ("B01", "B02", "B03", "B04", "B05", "B06")
Advance = Callable[[int], Awaitable[None]]


@dataclass
class Stage:
    """Where a story is played: people, the business clock, what the audience hears."""

    people: People
    advance: Advance
    """Move the business clock on by days."""
    tell: Callable[[str], None]


@dataclass
class Told:
    """What a story left: its case, its decision's trace, things to compare."""

    title: str
    filing_id: str = ""
    trace: str = ""
    seen: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Who acts in a story, and where."""

    community: str
    name: str
    address: str
    resident: str
    village: str
    clerk: str
    lead: str
    serial: int


async def apply(stage: Stage, place: Place, told: Told) -> Person:
    """A resident fills in the form, uploads, signs the pledge and submits."""
    resident = await stage.people.person(place.resident)
    told.filing_id = str(uuid7())
    data = form(place.name, place.community, place.serial, place.address)
    await resident.post(
        "/api/v1/filings", {"filingId": told.filing_id, "communityCode": place.community}
    )
    await resident.put(f"/api/v1/filings/{told.filing_id}/form", data)
    for code in ("B02", "B05"):
        await supply(resident, told, code)
    pledge = await resident.get("/api/v1/filing-pledge")
    answer = await resident.post(
        f"/api/v1/filings/{told.filing_id}:submit", {"pledgeVersion": pledge["version"]}
    )
    stage.tell(f"居民提交申请，收件编号 {answer['filing']['applicationNo']}")
    return resident


async def supply(resident: Person, told: Told, code: str) -> None:
    """Upload a file and attach it as a material."""
    receipt = await resident.upload(PDF, "application/pdf")
    await resident.put(
        f"/api/v1/filings/{told.filing_id}/materials/MATERIAL_CODE_{code}", {"receipt": receipt}
    )


async def mark(clerk: Person, told: Told, **findings: str) -> None:
    """The clerk marks every material; those not named are present."""
    body = [
        {
            "code": f"MATERIAL_CODE_{code}",
            "completeness": f"COMPLETENESS_{findings.get(code, 'PRESENT')}",
        }
        for code in MATERIALS
    ]
    await clerk.post(f"/api/v1/filings/{told.filing_id}:markCompleteness", {"findings": body})


async def decide(stage: Stage, place: Place, told: Told) -> None:
    """The clerk proposes, another person decides; the clerk alone cannot."""
    clerk = await stage.people.person(place.clerk)
    lead = await stage.people.person(place.lead)
    await clerk.post(
        f"/api/v1/filings/{told.filing_id}:proposeDecision", {"decision": "DECISION_ACCEPT"}
    )
    told.seen["clerk alone"] = await refused(
        clerk.post(f"/api/v1/filings/{told.filing_id}:decide", {"agree": True})
    )
    answer = await lead.post(f"/api/v1/filings/{told.filing_id}:decide", {"agree": True})
    told.trace = lead.last_trace
    filing = answer["filing"]
    stage.tell(f"负责人准予备案：{filing['printedNo']}，备案号 {filing['filingNo']}")


async def refused(call: Awaitable[Any]) -> str:
    """Status and code of a call that must be refused."""
    try:
        await call
    except Refused as problem:
        return f"{problem.status} {problem.problem.get('code')}"
    return "allowed"


async def story_1(stage: Stage) -> Told:
    """Filed in four working days after one correction."""
    told = Told("故事1 大同里社区暖心志愿服务队：一次补正后四个工作日内准予备案")
    place = Place(
        "460106004002",
        "海口市龙华区大同街道大同里社区暖心志愿服务队",
        "大同里社区综合服务中心二楼",
        "resident.datong",
        "village.datongli",
        "clerk.datong",
        "lead.datong",
        1,
    )
    resident = await apply(stage, place, told)
    await stage.advance(1)
    village = await stage.people.person(place.village)
    await village.post(
        f"/api/v1/filings/{told.filing_id}:giveOpinion", {"opinion": "VILLAGE_OPINION_AGREE"}
    )
    stage.tell("村（社区）两委出具意见：同意")
    await stage.advance(1)
    clerk = await stage.people.person(place.clerk)
    await mark(clerk, told, B05="UNREADABLE")
    await clerk.post(f"/api/v1/filings/{told.filing_id}:returnForCorrection")
    stage.tell("街道经办一次性告知补正：活动场所使用证明无法辨认")
    await stage.advance(1)
    await supply(resident, told, "B05")
    await resident.post(f"/api/v1/filings/{told.filing_id}:resubmit")
    stage.tell("居民补正后重新提交")
    await stage.advance(1)
    await mark(clerk, told)
    await decide(stage, place, told)
    return told


async def story_9(stage: Stage) -> Told:
    """A Sanya community files at the district; the village stays silent and the case passes on."""
    told = Told("故事9 天涯区朝阳社区：无街道（乡镇），由区备案；社区逾期未反馈自动转审")
    place = Place(
        "460204198005",
        "三亚市天涯区朝阳社区守望志愿服务队",
        "朝阳社区综合服务中心",
        "resident.tianya",
        "village.tianya",
        "clerk.tianya",
        "lead.tianya",
        2,
    )
    resident = await apply(stage, place, told)
    await stage.advance(4)
    stage.tell("社区三个工作日内未反馈，系统转入完整性审核")
    told.seen["after silence"] = await state_after_timer(resident, told)
    await mark(await stage.people.person(place.clerk), told)
    await decide(stage, place, told)
    return told


async def state_after_timer(resident: Person, told: Told) -> str:
    """State of the case once the platform's own timer has looked."""
    import asyncio

    for _ in range(100):
        filing = (await resident.get(f"/api/v1/filings/{told.filing_id}"))["filing"]
        if filing["state"] != "FILING_STATE_VILLAGE_REVIEW":
            break
        await asyncio.sleep(0.1)
    return f"{filing['state']} {filing['villageOpinion']}"


async def story_10(stage: Stage) -> Told:
    """A 洋浦 community routes to 洋浦; 儋州 does not see the case."""
    told = Told("故事10 洋浦南便社区：由洋浦备案，儋州看不到")
    place = Place(
        "460400499001",
        "洋浦经济开发区南便社区椰风志愿服务队",
        "南便社区综合服务中心",
        "resident.yangpu",
        "village.yangpu",
        "clerk.yangpu",
        "lead.yangpu",
        3,
    )
    await apply(stage, place, told)
    village = await stage.people.person(place.village)
    await village.post(
        f"/api/v1/filings/{told.filing_id}:giveOpinion", {"opinion": "VILLAGE_OPINION_AGREE"}
    )
    stage.tell("社区两委出具意见：同意")
    sibling = await stage.people.person("clerk.datong")
    told.seen["another street"] = await refused(sibling.get(f"/api/v1/filings/{told.filing_id}"))
    await mark(await stage.people.person(place.clerk), told)
    await decide(stage, place, told)
    return told


STORIES = {"1": story_1, "9": story_9, "10": story_10}
