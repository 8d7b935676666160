"""The wait before a restart grows, ends growing, and is forgotten after a healthy life."""

from kit.embedded.backoff import HEALTHY, Backoff


def test_quick_ends_wait_ever_longer_up_to_ten_seconds() -> None:
    backoff = Backoff()
    assert [backoff.after(1) for _ in range(8)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10]


def test_a_healthy_life_forgets_earlier_ends() -> None:
    backoff = Backoff()
    for _ in range(8):
        backoff.after(1)
    assert [backoff.after(HEALTHY), backoff.after(1)] == [0.2, 0.4]
