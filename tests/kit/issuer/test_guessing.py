"""Guessing a password, the same for the embedded issuer and Keycloak (G23)."""

import asyncio
import re
import time
from collections.abc import Callable

from kit.embedded.sign_in import SignInError, form_action, sign_in
from tests.kit.issuer.conftest import Issuer
from tests.kit.issuer.test_acceptance import ASK, PASSWORD
from tests.kit.issuer.test_second_factor import CLERK, browser_at, codes

GUESSES, BROWSERS, LOOKED_AT = 1_000, 10, 20
WAIT_SECONDS = 60.0
SENTENCE = re.compile(r'(?:id="input-error|class="error)[^>]*>\s*([^<]+?)\s*<')
"""What a page of either issuer says is wrong."""


async def guess(issuer: Issuer, times: int) -> set[str]:
    """Guess the clerk's password; every different sentence that was answered."""
    said: set[str] = set()
    async with browser_at(issuer) as browser:
        page = await browser.get("auth", params=ASK)
        for number in range(times):
            person = {"username": CLERK, "password": f"x{number}"}
            page = await browser.post(form_action(page), data=person)
            said.update(SENTENCE.findall(page.text))
    return said


async def gets_in(issuer: Issuer) -> bool:
    """The clerk signs in by password and code."""
    try:
        await sign_in(issuer.url, CLERK, PASSWORD, otp=codes(CLERK), transport=issuer.transport)
    except SignInError:
        return False
    return True


async def test_of_a_thousand_guesses_few_are_looked_at(
    strict: Issuer, looked_at: Callable[[], int]
) -> None:
    at_once = [guess(strict, GUESSES // BROWSERS) for _ in range(BROWSERS)]
    said = set().union(*await asyncio.gather(*at_once))
    assert len(said) == 1, f"an answer tells a locked account: {said}"
    assert 0 < looked_at() <= LOOKED_AT
    assert not await gets_in(strict), "the account is locked"


async def test_the_victim_gets_in_after_the_wait(briefly_locking: Issuer) -> None:
    await guess(briefly_locking, 10)
    assert not await gets_in(briefly_locking), "the account is locked"
    end = time.monotonic() + WAIT_SECONDS
    while not await gets_in(briefly_locking):
        assert time.monotonic() < end, "the lock never ends"
