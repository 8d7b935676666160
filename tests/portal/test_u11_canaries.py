"""U11: planted persons on the pages: none in clear in sources, addresses, storage, cookies, console or logs."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Page

from gateway.demo.application import form as demo_form
from tests.platform import Platform
from tests.portal.gov import CLERK, COUNTY, LEAD, VILLAGE
from tests.portal.portal import Portal
from tests.portal.seeded import Seeded
from tests.stories.people import Town
from tests.stories.test_canaries import NAME, planted

CASES = 2
NUMBERS = re.compile(r"(?<!\d)(?:469900\d{11}[\dX]|1200777\d{4})(?!\d)")
"""Identity numbers and telephones as they are planted."""
DESK = (
    "/gov/inbox?case={0}", "/gov/cases/{0}", "/gov/cases", "/gov/cases/{0}/persons", "/gov/orgs",
    "/gov/cases?search=Kanari", "/gov/jobs",
)  # fmt: skip
OWN = ("/org", "/org/cases/{0}", "/org/messages", "/apply/filing/{0}/receipt", "/me", "/me/contact")
PUBLIC = ("/register", "/register?search=Kanari", "/announcements", "/register/{organization}")
OPERATION = ("/ops", "/ops/workloads/filing", "/ops/queues", "/ops/audit?workload=filing")
STORED = """() => JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}, location.href])"""


@dataclass
class Looked:
    """What a browser was shown and told."""

    page: Page
    addresses: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda sent: self.addresses.append(sent.url))
        self.page.on("console", lambda told: self.console.append(told.text))

    async def found(
        self, paths: tuple[str, ...], filing_id: str, *, names: bool = False
    ) -> list[str]:
        """Pages whose source or storage tells a number, or a name; `names`: those may be there."""
        wrong = []
        for path in paths:
            answer = await self.page.goto(path.format(filing_id))
            assert answer is not None
            told = await answer.text() + await self.page.evaluate(STORED)
            if told_in_clear(told, names=names):
                wrong.append(path)
        told = "\n".join([*self.addresses, *self.console])
        return wrong + (["address or console"] if NUMBERS.search(told) else [])


def told_in_clear(text: str, *, names: bool = False) -> bool:
    """A number stands there, or a name of a person as it was written."""
    named = re.search(rf"[符王]{NAME}\d+Q", text)
    return bool(NUMBERS.search(text)) or (not names and named is not None)


async def plant(town: Town) -> list[str]:
    """Cases full of persons: in review, one decided."""
    found = []
    for batch in range(CASES):
        persons = planted(batch + 1)
        form = demo_form("", town.community, 700 + batch, "大同里社区综合服务中心") | persons
        found.append(await town.draft(f"金丝雀页面{'甲乙'[batch]}", form))
        await town.submit(found[-1])
        await town.reviewed(found[-1])
    return found


def logged(platform: Platform) -> list[str]:
    """Logs and traces that tell a planted person."""
    files = [one for one in platform.var.rglob("*") if one.is_file() and {"log", "traces"} & set(one.parts)]  # fmt: skip
    assert files
    return [one.name for one in files if told_in_clear(one.read_text(errors="replace"))]


@pytest.mark.policy("T12.1")
async def test_no_page_tells_a_person_in_clear(portal: Portal, seeded: Seeded, town: Town) -> None:
    filing_id = (await plant(town))[-1]
    public = tuple(seeded.fill(path) for path in PUBLIC)
    wrong = await Looked(await portal.open("/")).found(public, filing_id)
    for who in (VILLAGE, CLERK, LEAD, COUNTY):
        looked = Looked(await portal.as_user(who))
        paths = DESK[:3] if who == VILLAGE else DESK
        wrong += [f"{who} {path}" for path in await looked.found(paths, filing_id)]
    own = Looked(await portal.as_user("resident.datong"))
    wrong += await own.found(OWN, filing_id)
    operator = Looked(await portal.as_role("AUDIT_ADMIN"))
    wrong += await operator.found(OPERATION, filing_id)
    assert wrong == []
    assert logged(portal.platform) == []


async def test_the_applicant_reads_numbers_masked_before_sending(
    portal: Portal, town: Town
) -> None:
    """Names are the applicant's own; numbers are covered where they are read over, and nowhere kept."""
    form = demo_form("", town.community, 709, "大同里社区综合服务中心") | planted(1)
    draft = await town.draft("金丝雀草稿", form)
    own = Looked(await portal.as_user("resident.datong"))
    paths = ("/apply/filing/{0}", "/apply/filing/{0}/check", "/apply/filing/{0}/pledge", "/apply/filing/{0}/charter")  # fmt: skip
    assert await own.found(paths, draft, names=True) == []
    await own.page.goto(f"/apply/filing/{draft}/people")
    assert NUMBERS.search(await own.page.content()), "where they are written they are seen"
    assert not NUMBERS.search(await own.page.evaluate(STORED))
