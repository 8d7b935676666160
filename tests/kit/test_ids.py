import uuid

from kit import ids
from kit.ids import uuid7


def test_version_variant_and_time(monkeypatch):
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1_800_000_000_123_456_789)
    monkeypatch.setattr(ids, "_last", (0, 0))
    made = uuid7()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == 1_800_000_000_123


def test_later_ones_are_greater_though_the_clock_steps_back(monkeypatch):
    clock = iter([2_000_000_000_000_000_000, *[1_000_000_000_000_000_000] * 2000])
    monkeypatch.setattr(ids.time, "time_ns", lambda: next(clock))
    monkeypatch.setattr(ids, "_last", (0, 0))
    made = [uuid7() for _ in range(2000)]
    assert made == sorted(set(made))


def test_a_full_millisecond_moves_on(monkeypatch):
    monkeypatch.setattr(ids.time, "time_ns", lambda: 0)
    monkeypatch.setattr(ids, "_last", (5, 2**74 - 1))
    assert uuid7().int >> 80 == 6
