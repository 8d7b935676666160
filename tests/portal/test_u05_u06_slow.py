"""U5 and U6: cold pages on 4 Mbit/s, 60 ms and a processor four times slower; gates at 1.5 times the goal."""

from statistics import median

import pytest

from tests.portal.portal import Portal
from tests.portal.seeded import Seeded
from tests.portal.slow import Cost, cost

PUBLIC = ("/", "/register", "/register/{organization}", "/guide/filing", "/apply/filing", "/track", "/verify")  # fmt: skip
STAFF = (("TOWN_CLERK", "/gov/inbox"), ("TOWN_CLERK", "/gov/cases"), ("RESIDENT", "/org"), ("SYS_ADMIN", "/ops"))  # fmt: skip
VISITS = 5
NOISE = 1.5
LCP_MS, BLOCKING_MS, SHIFT = 2_000, 300, 0.02
MOST = {"public": 40_000, "staff": 60_000}
REQUESTS = 8


async def visits(portal: Portal, path: str, state=None) -> Cost:
    """The best of some cold visits, printed for who looks: what else the machine did is not the page's."""
    url = portal.platform.url + path
    found = [await cost(portal.browser, url, state=state) for _ in range(VISITS)]
    best = Cost(
        max(one.octets for one in found),
        max(one.requests for one in found),
        min(one.lcp_ms for one in found),
        min(one.blocking_ms for one in found),
        median(one.shift for one in found),
    )
    print(f"{path}: {best}")
    return best


def check(found: Cost, kind: str) -> None:
    """Weight is what it is; times and shift get room for noise."""
    assert found.octets <= MOST[kind]
    assert found.requests <= REQUESTS
    assert 0 < found.lcp_ms <= LCP_MS * NOISE
    assert found.blocking_ms <= BLOCKING_MS * NOISE
    assert found.shift <= SHIFT * NOISE


@pytest.mark.parametrize("path", PUBLIC)
async def test_a_public_page_is_soon_seen(portal: Portal, seeded: Seeded, path: str) -> None:
    check(await visits(portal, seeded.fill(path)), "public")


@pytest.mark.parametrize(("role", "path"), STAFF)
async def test_a_page_of_work_is_soon_seen(portal: Portal, role: str, path: str) -> None:
    page = await portal.as_role(role)
    check(await visits(portal, path, await page.context.storage_state()), "staff")
