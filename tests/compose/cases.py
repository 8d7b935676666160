"""Cases filed through the published door, and what their people find of them later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from gateway.demo.client import PASSWORD, People, Person, Refused
from gateway.demo.sample import agreed
from gateway.demo.stories import Place, Stage, Told, apply, decide, mark
from kit.embedded.sign_in import open_browser, sign_in
from tests.compose.stack import Stack
from tests.faults.load import TOWNS
from tests.stories import test_sign_on
from tests.stories.test_letters import file_of, printed

BUILDING = "社区综合服务中心二楼"
MATERIAL = "/materials/{}/B02"


def place(number: int) -> Place:
    """Where the case of that number is filed, and by whom: each town in turn."""
    town = TOWNS[number % len(TOWNS)]
    name = town.name.format("甲乙丙丁戊己庚辛"[number])
    return Place(town.community, name, BUILDING, *town.people, 40 + number)


@asynccontextmanager
async def stage(stack: Stack, where: Place) -> AsyncIterator[Stage]:
    """The people of a place, signed in just now."""
    issuer = stack.environment["MINZHENG_ISSUER"]
    async with httpx.AsyncClient(base_url=stack.url, timeout=30) as http:
        people = People(http)
        for name in (where.resident, where.village, where.clerk, where.lead):
            token = (await sign_in(issuer, name, PASSWORD)).access_token
            people.known[name] = Person(name, http, token)
        yield Stage(people, _stand_still, lambda _: None)


async def _stand_still(_: int) -> None:
    """No clock is moved."""


def begun(stack: Stack, number: int) -> str:
    """A case that is submitted and waits; its id."""

    async def work(told: Told) -> str:
        async with stage(stack, place(number)) as on:
            await apply(on, place(number), told)
        return told.filing_id

    return asyncio.run(work(Told("")))


def filed(stack: Stack, number: int) -> str:
    """A case from the application to its letter; its id."""

    async def work(where: Place, told: Told) -> str:
        async with stage(stack, where) as on:
            await agreed(on, where, told)
            await mark(await on.people.person(where.clerk), told)
            await decide(on, where, told)
            await printed(await on.people.person(where.clerk), told.filing_id, "BA05")
        return told.filing_id

    return asyncio.run(work(place(number), Told("")))


def state(stack: Stack, number: int, filing_id: str) -> str:
    """What its clerk reads of a case: its state, or why not."""

    async def work(where: Place) -> str:
        async with stage(stack, where) as on:
            try:
                clerk = await on.people.person(where.clerk)
                found = await clerk.get(f"/api/v1/filings/{filing_id}")
            except Refused as refused:
                return str(refused.status)
        return str(found["filing"]["state"])

    return asyncio.run(work(place(number)))


def papers(stack: Stack, number: int, filing_id: str) -> tuple[bytes, bytes]:
    """Letter and uploaded material of a case as its clerk downloads them."""

    async def work(where: Place) -> tuple[bytes, bytes]:
        async with stage(stack, where) as on, open_browser(base_url=stack.url) as browser:
            clerk = await on.people.person(where.clerk)
            letter = await file_of(clerk, filing_id, await printed(clerk, filing_id, "BA05"))
            await test_sign_on.sign_in(browser, where.clerk)
            material = await browser.get(MATERIAL.format(filing_id))
            assert material.status_code == 200, material.text[:500]
        return letter, material.content

    return asyncio.run(work(place(number)))
