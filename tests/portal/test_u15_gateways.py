"""U15: two gateways, requests in turn, one killed in the middle of a filing: the filing is finished."""

import re

from tests.portal.alternating import alternating, second_gateway
from tests.portal.applying import Applying
from tests.portal.portal import Portal

MANY = 5


async def test_a_filing_outlives_the_gateway_it_began_at(portal: Portal) -> None:
    """Sign-on, session, draft and files are in PostgreSQL: nothing lives in a gateway."""
    with second_gateway(portal.platform) as (process, port):
        async with alternating(portal.platform, port) as (proxy, address):
            applying = await Applying.start(portal, proxy=address)
            await applying.basic()
            await applying.people()
            assert min(proxy.served[one] for one in proxy.gateways) >= MANY
            before = proxy.served[port]
            process.kill()
            process.wait(20)
            await applying.charter()
            await applying.materials()
            assert re.fullmatch(r"SB\d{8}460106\d{4}", await applying.submit())
            assert proxy.passed_over >= MANY
            assert proxy.served[port] == before
