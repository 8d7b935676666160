"""What leaves together."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from kit.carrier.bundle import BYTES, ITEMS, take


@dataclass(frozen=True)
class Thing:
    body: bytes


@given(st.lists(st.sampled_from([0, 1, 1_000, BYTES // 2, BYTES, BYTES + 1]), max_size=200))
@example([0] * (ITEMS + 1))
def test_all_leave_in_order_and_no_bundle_is_too_large(sizes: Sequence[int]) -> None:
    waiting = {number: Thing(bytes(size)) for number, size in enumerate(sizes)}
    left: list[int] = []
    while waiting:
        taken = take(waiting)
        assert 0 < len(taken) <= ITEMS
        assert len(taken) == 1 or sum(len(thing.body) for _, thing in taken) <= BYTES
        left += [number for number, _ in taken]
    assert left == list(range(len(sizes)))
