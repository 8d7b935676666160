"""The keys of the sign-on change: for the gateway and for the broker (X17)."""

import time
from collections.abc import Callable

import httpx
from keycloak import KeycloakAdmin

from kit.settings import Settings
from tests.faults.figures import note
from tests.platform import Platform
from tests.real.keycloak import add_key, components, withdraw
from tests.real.test_departments import enters, tokens

SECONDS = 60.0
"""Until a new key is known, and until a withdrawn one opens no more."""


def until(question: Callable[[], bool], complaint: str) -> float:
    """Seconds until the answer is yes."""
    began = time.monotonic()
    while not question():
        assert time.monotonic() - began < SECONDS, complaint
        time.sleep(0.2)
    return time.monotonic() - began


def test_keys_change_without_a_break_and_a_withdrawn_one_opens_nothing_after_a_minute(
    platform: Platform, config: Settings, admin: KeycloakAdmin
) -> None:
    def comes_in(token: str) -> bool:
        answer = httpx.get(
            f"{platform.url}/api/v1/events", headers={"authorization": f"Bearer {token}"}
        )
        assert answer.status_code in (200, 401), answer.text
        return answer.status_code == 200

    doors: dict[str, Callable[[str], bool]] = {
        "gateway": comes_in,
        "kafka": lambda token: enters(config, token),
    }
    old, before = components(admin), tokens(config).token()
    add_key(admin, "rsa-generated", priority="200")
    after = tokens(config).token()
    for name, opens in doors.items():
        until(lambda opens=opens: opens(after), f"{name} does not know the new key")  # type: ignore[misc]
        assert opens(before), f"{name} forgot a key that counts"
    for component in old:
        if component["providerId"] == "rsa-generated":
            withdraw(admin, component)
    withdrawn, seconds = time.monotonic(), dict[str, float]()
    for name, opens in doors.items():
        until(lambda opens=opens: not opens(before), f"{name}: the withdrawn key still opens")  # type: ignore[misc]
        seconds[name] = round(time.monotonic() - withdrawn, 1)
        print(f"{name}: a withdrawn key opens nothing after {seconds[name]} s")
        assert opens(tokens(config).token())
    note("keys", **seconds)
