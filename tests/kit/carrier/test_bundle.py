"""What leaves together."""

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from kit.carrier.bundle import BYTES, ITEMS, take


@given(st.lists(st.sampled_from([0, 1, 1_000, BYTES // 2, BYTES, BYTES + 1]), max_size=200))
@example([0] * (ITEMS + 1))
def test_all_leave_in_order_and_no_bundle_is_too_large(sizes: Sequence[int]) -> None:
    waiting = {number: bytes(size) for number, size in enumerate(sizes)}
    left: list[int] = []
    while waiting:
        taken, bundle = take(waiting)
        assert 0 < len(taken) <= ITEMS
        assert len(taken) == 1 or len(bundle) <= BYTES
        assert len(bundle) == sum(sizes[number] for number in taken)
        left += taken
    assert left == list(range(len(sizes)))
