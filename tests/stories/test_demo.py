"""The stories through the public API of a whole platform, as `make demo` plays them."""

import pytest

from kit.embedded.workloads import service_names
from tests.platform import Platform


@pytest.mark.policy("T11.2", "T11.4", "T11.5")
def test_the_stories_end_as_expected(platform: Platform) -> None:
    """Filing from the resident to the department's feed; authority derived from the community."""
    played = platform.run("demo")
    assert played.returncode == 0, played.stdout[-4000:] + played.stderr[-2000:]
    assert played.stdout.count("符合") == 4


def test_status_speaks_of_everything(platform: Platform) -> None:
    """What runs, what it weighs, what waits."""
    found = platform.status()
    processes = {row["name"]: row for row in found["processes"]}  # type: ignore[attr-defined]
    assert {
        "supervisor",
        "gateway",
        "filing",
        "notifications",
        "supervision",
        "issuer",
        "postgres",
    } <= set(processes)
    assert all(row["running"] and row["pss_mb"] > 0 for row in processes.values())
    assert 0 < found["pss_mb"] < 1024  # type: ignore[operator]
    for row in found["workloads"].values():  # type: ignore[attr-defined]
        assert (row["outbox_unpublished"], row["parked"]) == (0, 0)


def test_the_audit_trail_of_every_workload_is_whole(platform: Platform) -> None:
    """What the stories left is sealed within a second and verifies."""
    verified = platform.run("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.count("whole") == len(service_names()) + 1
    assert "filing: 0 rows" not in verified.stdout


def test_what_is_parked_can_be_seen_run_and_given_up(platform: Platform) -> None:
    """The verbs on a platform where nothing is parked."""
    assert "nothing is parked" in platform.run("replay", "list").stdout
    ran = platform.run(
        "replay", "run", "notifications", "019a0000-0000-7000-8000-0000000000a1", "--reason", "试验"
    )
    assert "0 " in ran.stdout
    assert ran.returncode == 0, ran.stderr
    none = platform.run("replay", "discard", "gateway", "x", "--reason", "试验")
    assert "nothing is parked" in none.stdout
    assert platform.run("replay", "discard", "gateway", "x", "--reason", " ").returncode == 1
    assert platform.run("replay", "run", "nobody", "x", "--reason", "试验").returncode == 1
