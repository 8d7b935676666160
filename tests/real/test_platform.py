"""The platform on Kafka and Keycloak: the demo's stories, and what it says of itself."""

import asyncio
from typing import Any

from tests.platform import Platform
from tests.real.watching import drained


async def test_the_stories_end_as_expected(platform: Platform) -> None:
    """Stories 1, 9 and 10, compared with the same files as on the embedded parts."""
    played = await asyncio.to_thread(platform.run, "demo")
    assert played.returncode == 0, played.stdout[-4000:] + played.stderr[-2000:]
    assert played.stdout.count("符合") == 4
    await drained(platform, 120)
    verified = await asyncio.to_thread(platform.run, "audit", "verify")
    assert verified.returncode == 0, verified.stdout


def test_status_names_the_real_parts(platform: Platform) -> None:
    found: Any = platform.status()
    assert found["parts"] == {"events": "kafka", "sign_on": "keycloak"}
    names = {row["name"]: row for row in found["processes"]}
    assert {"kafka", "keycloak", "keys"} <= names.keys()
    assert "issuer" not in names
    assert all(row["running"] and row["pss_mb"] > 0 for row in names.values())
    print(f"whole platform: {found['pss_mb']} MB")
    assert 0 < found["pss_mb"] < 2048
