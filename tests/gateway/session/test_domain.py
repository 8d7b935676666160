"""Limits of a session, the proof before a decision, own pages and own paths."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.session.domain import (
    ABSOLUTE,
    HIGH,
    IDLE,
    NOTED,
    SELF,
    SKEW,
    STEP_UP,
    Session,
    from_own_page,
    local_path,
    stepped_up,
)

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
OWN = "https://minzheng.example"
SPANS = st.timedeltas(timedelta(0), timedelta(hours=10))


def session(**changed) -> Session:
    told = {
        "session_id": "s", "account": "anna", "post": "p1", "assured": True, "acr": "low",
        "authenticated_at": START, "started_at": START, "seen_at": START, "confirmed_at": START,
        "refresh_at": START + timedelta(minutes=4),
    }  # fmt: skip
    return Session(**told | changed)


@given(seen=SPANS, confirmed=SPANS, now=SPANS)
def test_a_session_lives_within_every_limit_and_no_longer(seen, confirmed, now) -> None:
    found = session(seen_at=START + seen, confirmed_at=START + confirmed)
    limits = (now - seen < IDLE, now - confirmed < IDLE, now < ABSOLUTE)
    assert found.live(START + now) is all(limits)


@given(span=SPANS, later=SPANS)
def test_what_is_over_stays_over(span, later) -> None:
    if not session().live(START + span):
        assert not session().live(START + span + later)


@given(
    requests=st.lists(st.timedeltas(timedelta(0), IDLE - NOTED - timedelta(seconds=1)), max_size=60)
)
def test_requests_at_most_fourteen_minutes_apart_keep_it_until_eight_hours(requests) -> None:
    found, now = session(), START
    for wait in requests:
        now += wait
        assert found.live(now) is (now - START < ABSOLUTE)
        if not found.live(now):
            return
        seen = now if found.to_note(now) else found.seen_at
        found = session(seen_at=seen, confirmed_at=now)


def test_the_limits_are_those_of_the_design() -> None:
    assert (timedelta(minutes=15), timedelta(hours=8)) == (IDLE, ABSOLUTE)
    assert STEP_UP == 300


@pytest.mark.parametrize(
    ("post", "held", "may"),
    [
        ("", (), True),
        (SELF, (), True),
        ("p1", ("p1", "p2"), True),
        ("p1", ("p2",), False),
        ("p1", (), False),
    ],
)
def test_a_session_acts_under_a_post_in_force(post, held, may) -> None:
    assert session(post=post).may_act(held) is may


@given(st.sampled_from([HIGH, "low", "", "HIGH", "2"]), st.floats(-400, 400))
def test_a_proof_counts_for_five_minutes(acr, age) -> None:
    fits = acr == HIGH and -SKEW <= age <= STEP_UP
    assert stepped_up(acr, 1_000_000.0, 1_000_000.0 + age) is fits


@pytest.mark.parametrize(
    ("fetch_site", "origin", "own"),
    [
        ("same-origin", OWN, True),
        ("same-origin", None, True),
        (None, OWN, True),
        (None, None, False),
        ("same-origin", "https://evil.example", False),
        ("same-site", OWN, False),
        ("cross-site", OWN, False),
        ("none", OWN, False),
        ("", OWN, False),
        (None, "null", False),
        (None, OWN + ".evil.example", False),
        (None, OWN.upper(), False),
    ],
)
def test_only_our_own_pages_send_what_changes(fetch_site, origin, own) -> None:
    assert from_own_page(fetch_site, origin, OWN) is own


@pytest.mark.parametrize("path", ["/", "/sign-in/post", "/a?b=c&d=%E4%B8%AD#e"])
def test_paths_of_this_site_are_gone_on_to(path) -> None:
    assert local_path(path, "/else") == path


@pytest.mark.parametrize(
    "path",
    ["", "//evil.example", "/\\evil.example", "\\/evil", "https://evil.example", "javascript:x",
     "/a\r\nSet-Cookie: x", "/a b", "/\t/evil.example", "/a\\b", "/中", "/" + "a" * 1000],
)  # fmt: skip
def test_other_places_are_not(path) -> None:
    assert local_path(path, "/else") == "/else"


@given(st.text(max_size=30))
def test_what_is_gone_on_to_is_a_path_without_a_host(text) -> None:
    found = local_path(text, "/else")
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert all("!" <= sign <= "~" and sign != "\\" for sign in found)
