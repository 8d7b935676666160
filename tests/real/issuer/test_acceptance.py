"""The acceptance script of the issuer on Keycloak: the very same tests as on the embedded one."""

import httpx

from tests.kit.issuer.conftest import Issuer
from tests.kit.issuer.test_acceptance import *  # noqa: F403
from tests.kit.issuer.test_acceptance import enter

GUESSED = "finance.longhua"


async def test_guessing_locks_the_account(issuer: Issuer) -> None:
    async def knock(password: str) -> httpx.Response:
        async with issuer.browser() as browser:
            return await enter(browser, username=GUESSED, password=password)

    for number in range(6):
        assert (await knock(f"x{number}")).status_code == 200
    locked = await knock("demo-Minzheng-2026")
    assert (locked.status_code, "location" in locked.headers) == (200, False)
