"""The schedule, the breaker and the addresses as pure functions."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.queue import breaker
from gateway.queue.breaker import Health
from gateway.subscriptions.domain import address, schedule
from kit.errors import Refusal

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
CHANCES = st.floats(0, 1, exclude_max=True)
PRIVATE = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@given(st.lists(CHANCES, min_size=9, max_size=9))
def test_ten_attempts_over_at_least_75_hours_35_minutes(chances: list[float]) -> None:
    waits = [
        breaker.delay(schedule.DELAYS, number, chance) for number, chance in enumerate(chances, 1)
    ]
    assert None not in waits
    total = sum((wait for wait in waits if wait), timedelta())
    assert timedelta(hours=75, minutes=35) <= total <= timedelta(hours=80)
    assert waits == sorted(waits, key=lambda wait: wait or timedelta())
    assert breaker.delay(schedule.DELAYS, schedule.ATTEMPTS, chances[0]) is None
    assert schedule.ATTEMPTS == 10


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=60))
def test_an_address_rests_never_longer_than_told(steps: list[tuple[int, int]]) -> None:
    """Failures at any times with any Retry-After: holds are bounded, the beginning is kept."""
    health, now = Health(), START
    for seconds, asked in steps:
        now += timedelta(seconds=seconds)
        before = health
        health = breaker.failed(health, now, timedelta(seconds=asked))
        assert health.failures == before.failures + 1
        assert health.failing_since == (before.failing_since or now)
        hold = health.held_until
        assert hold is None or hold - now <= breaker.LONGEST_HOLD
        if health.tripped:
            assert hold is not None
            assert hold >= now + breaker.REST
        if before.held_until is not None:
            assert hold is not None
            assert hold >= before.held_until, "a hold is not shortened"


def test_the_breaker_trips_at_the_fifth_failure_and_rests_longer_each_time() -> None:
    rests = [breaker.rest(failures) for failures in range(1, 12)]
    assert rests[:4] == [timedelta()] * 4
    assert rests[4:9] == [timedelta(seconds=s) for s in (30, 60, 120, 240, 300)]
    assert set(rests[9:]) == {breaker.LONGEST_REST}


@pytest.mark.parametrize(
    ("attempts", "hours", "gives_up"),
    [(9, 76, False), (10, 76, True), (3, 95, False), (3, 96, True)],
)
def test_the_platform_gives_up_after_ten_attempts_or_four_days(
    attempts: int, hours: int, gives_up: bool
) -> None:
    health = Health(7, START)
    assert schedule.gives_up(attempts, health, START + timedelta(hours=hours)) is gives_up


GOOD = [
    ("https://sub.dept.example.cn/events", ("sub.dept.example.cn", 443, "/events")),
    ("https://sub.dept.example.cn:8443", ("sub.dept.example.cn", 8443, "/")),
    ("https://10.46.8.9:8443/a/b.c/", ("10.46.8.9", 8443, "/a/b.c/")),
    ("https://[fd00:46::9]/events", ("fd00:46::9", 443, "/events")),
]


@pytest.mark.parametrize(("url", "parts"), GOOD)
def test_canonical_addresses_are_read_one_way(url: str, parts: tuple[str, int, str]) -> None:
    assert address.parts(url) == parts


@pytest.mark.parametrize(
    ("networks", "code"),
    [
        (["10.46.8.0/24"], ""),
        (["10.46.8.9/32", "10.47.0.0/16"], ""),
        (["10.46.9.0/24"], "subscriptions.network"),
        (["10.0.0.0/8"], "subscriptions.network"),
        (["10.46.8.1/24"], "subscriptions.network"),
        (["anything"], "subscriptions.network"),
        (["192.168.1.0/24"], "subscriptions.network_not_allowed"),
        (["::/0"], "subscriptions.network"),
        (["0.0.0.0/0"], "subscriptions.network"),
        (["169.254.169.254/32"], "subscriptions.network_not_allowed"),
    ],
)
def test_networks_are_canonical_narrow_and_allowed(networks: list[str], code: str) -> None:
    try:
        address.target("https://10.46.8.9/events", networks, PRIVATE)
        found = ""
    except Refusal as refused:
        found = refused.code
    assert found == code


@given(st.ip_addresses(), st.ip_addresses(network="10.46.8.0/24"))
def test_only_addresses_of_a_registered_network_are_held(other: object, own: object) -> None:
    target = address.target("https://sub.dept.example.cn/", ["10.46.8.0/24"], PRIVATE)
    assert target.holds(str(own))
    assert target.holds(f"::ffff:{own}"), "IPv4 in IPv6 counts as what it is"
    assert target.holds(str(other)) == (str(other).startswith("10.46.8."))
