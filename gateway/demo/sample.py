"""Small demo data on first start: a few filings in different states, all marked 演示数据.

python -m gateway.demo.sample      # on a running platform; made through its public API
"""

import asyncio

import httpx

from gateway.demo.client import People
from gateway.demo.stories import Place, Stage, Told, apply, decide, mark
from kit.settings import settings

DATONG = ("resident.datong", "village.datongli", "clerk.datong", "lead.datong")
YACHA = ("resident.yacha", "village.yacha", "clerk.yacha", "lead.yacha")
PLACES = (
    Place("460106004002", "海口市龙华区大同街道大同里社区椰风合唱队", "大同里社区文化活动室", *DATONG, 11),
    Place("460106004002", "海口市龙华区大同街道大同里社区守望敬老服务队", "大同里社区养老服务站", *DATONG, 12),
    Place("469025100001", "白沙黎族自治县牙叉镇桥南社区山兰黎锦社", "桥南社区综合服务中心", *YACHA, 13),
)  # fmt: skip
"""What is shown: waiting for the village, waiting for the clerk, filed."""


async def _stand_still(_: int) -> None:
    """The sample moves no clock."""


async def sample() -> list[str]:
    """Make the sample; answers a line per case."""
    async with httpx.AsyncClient(base_url=settings().public_url, timeout=20) as http:
        stage = Stage(People(http), _stand_still, lambda _: None)
        waiting, reviewed, filed = [(place, Told(place.name)) for place in PLACES]
        await apply(stage, *waiting)
        await agreed(stage, *reviewed)
        await agreed(stage, *filed)
        await mark(await stage.people.person(filed[0].clerk), filed[1])
        await decide(stage, *filed)
    states = ("待村（社区）意见", "完整性审核中", "准予备案")
    return [f"{place.name}:{state}" for place, state in zip(PLACES, states, strict=True)]


async def agreed(stage: Stage, place: Place, told: Told) -> None:
    """Submitted, and the village agrees."""
    await apply(stage, place, told)
    village = await stage.people.person(place.village)
    await village.post(
        f"/api/v1/filings/{told.filing_id}:giveOpinion", {"opinion": "VILLAGE_OPINION_AGREE"}
    )


if __name__ == "__main__":
    for line in asyncio.run(sample()):
        print(f"演示数据 {line}")
