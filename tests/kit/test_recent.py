"""The ring of the last minutes: what it counts, what it forgets, how far its percentile is off."""

import random

from kit.recent import MINUTES, STEP, Recent, Traffic


class Clock:
    """A clock that stands until it is moved; seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_nothing_noted_is_nothing() -> None:
    assert Recent(Clock()).told() == Traffic()


def test_calls_and_faults_are_counted_and_forgotten_by_the_minute() -> None:
    clock = Clock()
    recent = Recent(clock)
    recent.note(0.010, failed=False)
    clock.now += 60
    recent.note(0.020, failed=True)
    assert (recent.told().calls, recent.told().failed) == (2, 1)
    clock.now += 60 * (MINUTES - 1)
    assert (recent.told().calls, recent.told().failed) == (1, 1), "the first has passed"
    clock.now += 60
    assert recent.told() == Traffic()


def test_a_minute_long_gone_is_not_taken_for_the_running_one() -> None:
    clock = Clock()
    recent = Recent(clock)
    recent.note(0.010, failed=True)
    clock.now += 60 * MINUTES
    recent.note(0.010, failed=False)
    assert (recent.told().calls, recent.told().failed) == (1, 0)


def test_the_percentile_is_at_most_a_step_too_high() -> None:
    recent, chance = Recent(Clock()), random.Random(7)
    seconds = sorted(chance.expovariate(20) for _ in range(5_000))
    for one in seconds:
        recent.note(one, failed=False)
    exact = seconds[int(0.95 * len(seconds)) - 1]
    assert exact <= recent.told().p95 <= exact * STEP


def test_what_takes_longer_than_any_bound_is_told_as_long() -> None:
    recent = Recent(Clock())
    recent.note(600.0, failed=True)
    assert recent.told().p95 > 10
