"""Controls of the judge: what it must notice, made up; and that a seed replays its schedule."""

import itertools
from collections import Counter
from typing import Any

import pytest

from tests.faults.departments import Copies, Copy
from tests.faults.evidence import Sent, order_breaks
from tests.faults.test_random import Tally, expect_hits, schedule
from tests.faults.verdict import amiss, gaps, strange

MODEL = (("submit", "VILLAGE_REVIEW"), ("withdraw", "WITHDRAWN"))
NUMBER = "SQBA46010600420260000{:02}0"


def test_a_lost_and_a_doubled_step_are_seen() -> None:
    lived = {"model": MODEL, "good": MODEL, "lost": MODEL[:1], "doubled": (*MODEL, MODEL[1])}
    kinds = dict.fromkeys(("good", "lost", "doubled", "vanished"), "withdraw")
    found = strange(lived, kinds, {"model": "withdraw"})
    assert set(found) == {"lost", "doubled", "vanished"}


def test_a_number_left_out_or_given_twice_is_seen() -> None:
    whole = [NUMBER.format(n) for n in (1, 2, 3)]
    assert gaps(whole) == []
    assert gaps(whole[1:]) != []
    assert gaps([*whole, whole[0]]) != []


def test_a_message_lost_or_doubled_is_seen() -> None:
    wanted = Counter(a=1, b=2, c=0)
    assert amiss(wanted, Counter(a=1, b=2)) == []
    assert amiss(wanted, Counter(a=1)) == ["b"]
    assert set(amiss(wanted, Counter(a=2, b=2, c=1, d=1))) == {"a", "c", "d"}


def test_facts_in_disorder_are_seen() -> None:
    facts = [Sent("t", "org", version, f"id-{version}") for version in (1, 2, 3)]
    assert order_breaks(facts) == 0
    assert order_breaks([facts[0], facts[2], facts[1]]) > 0
    assert order_breaks([facts[0], facts[2]]) > 0


def state(organization: str, sequence: int, **values: str) -> dict[str, Any]:
    """A state as a department is told it."""
    known = {"filingNo": NUMBER.format(sequence), "communityCode": "460106004002"}
    return {"organizationId": organization, "sequence": str(sequence), **known, **values}


def test_a_department_bears_repetition_and_notices_holes() -> None:
    copy = Copy()
    for _ in range(2):
        copy.take("1", state("org", 1))
    assert (copy.again, copy.breaks) == (1, 0)
    copy.take("3", state("org", 3))
    copy.take("2", state("org", 2))
    assert copy.breaks == 2


@pytest.mark.parametrize("way", ["hook", "feed", "log"])
def test_departments_that_differ_are_seen(way: str) -> None:
    copies = Copies()
    for copy in (copies.hook, copies.feed, copies.log):
        copy.take("1", state("org", 1))
    copies.expect_same([NUMBER.format(1)])
    getattr(copies, way).states["org"]["status"] = "another"
    with pytest.raises(AssertionError):
        copies.expect_same([NUMBER.format(1)])


def test_an_organization_told_of_twice_is_seen() -> None:
    copies = Copies()
    for copy in (copies.hook, copies.feed, copies.log):
        copy.take("1", state("org", 1))
        copy.take("2", state("org", 2))
    with pytest.raises(AssertionError):
        copies.expect_same([NUMBER.format(2)])


def test_a_run_that_hit_nothing_is_no_proof() -> None:
    with pytest.raises(AssertionError):
        expect_hits(Tally(Counter(filing=6)), Counter())
    with pytest.raises(AssertionError):
        expect_hits(Tally(Counter(filing=1)), Counter(relay=1000))


def test_a_seed_replays_its_schedule() -> None:
    first, again, other = (list(itertools.islice(schedule(n), 30)) for n in (7, 7, 8))
    assert first == again != other
