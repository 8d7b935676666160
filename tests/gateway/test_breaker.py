"""A workload that does not answer is left in peace, tried by one call, and used again."""

from types import SimpleNamespace

import grpc
import pytest
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway import channels as module
from gateway.breaker import LEAST, REST, SHARE, SPAN, Breaker, is_answer
from gateway.channels import Channels
from kit.carrier.client import failure
from kit.contracts import rpc_by_path
from kit.telemetry import metrics

GET = rpc_by_path()["/minzheng.filing.v1.FilingService/GetFiling"]


class Calls(RuleBasedStateMachine):
    """Against every end of a call kept by its time."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker("filing")
        self.now = 1000.0
        self.ends: list[tuple[float, bool]] = []
        self.rests_until: float | None = None

    @rule(seconds=st.floats(0.01, 4))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(many=st.integers(1, 30))
    def answers(self, many: int) -> None:
        for _ in range(many):
            self.breaker.answered(self.now)
            if self.rests_until is not None:
                self.rests_until, self.ends = None, []
            self.ends.append((self.now, False))

    @rule(many=st.integers(1, 30))
    def misses(self, many: int) -> None:
        for _ in range(many):
            self.breaker.missed(self.now)
            self.ends.append((self.now, True))
            near = [missed for at, missed in self.ends if int(at) > int(self.now) - SPAN]
            open_now = len(near) >= LEAST and sum(near) >= len(near) * SHARE
            if self.rests_until is None and open_now:
                self.rests_until = self.now + REST

    @rule()
    def somebody_calls(self) -> None:
        may = self.rests_until is None or self.now >= self.rests_until
        assert self.breaker.may_call(self.now) is may
        if may and self.rests_until is not None:
            self.rests_until = self.now + REST

    @precondition(lambda self: self.rests_until is not None)
    @rule(callers=st.integers(2, 9))
    def many_call_while_it_rests(self, callers: int) -> None:
        allowed = [self.breaker.may_call(self.now) for _ in range(callers)]
        assert sum(allowed) <= 1
        if any(allowed):
            self.rests_until = self.now + REST

    @invariant()
    def as_the_ends_say(self) -> None:
        assert self.breaker.rests_until == self.rests_until


TestCalls = Calls.TestCase
TestCalls.settings = hypothesis(max_examples=60, stateful_step_count=40, deadline=None)


class Neighbor:
    """In place of a carrier: does as it is told."""

    def __init__(self) -> None:
        self.asked = 0
        self.ends: grpc.StatusCode | None = None
        self.problem = b""

    async def call(self, *_: object) -> bytes:
        self.asked += 1
        if self.ends:
            raise failure(self.ends, self.problem)
        return b""


@pytest.fixture
def neighbor(monkeypatch: pytest.MonkeyPatch) -> Neighbor:
    """The workload; its clock stands at the second `now`."""
    found = Neighbor()
    monkeypatch.setattr(module, "Carrier", lambda _: found)
    return found


async def ended(channels: Channels) -> grpc.StatusCode | None:
    """How a call ends."""
    try:
        await channels.call(GET, b"", [])
    except grpc.aio.AioRpcError as error:
        return error.code()
    return None


async def test_who_hangs_is_asked_no_more_until_one_call_is_answered(
    neighbor: Neighbor, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("gateway.channels.time.monotonic", lambda: now)
    channels = Channels(lambda _: None)
    neighbor.ends = late = grpc.StatusCode.DEADLINE_EXCEEDED
    assert [await ended(channels) for _ in range(LEAST)] == [late] * LEAST
    away = grpc.StatusCode.UNAVAILABLE
    assert await ended(channels) is away
    assert neighbor.asked == LEAST
    now = REST + 0.01
    assert await ended(channels) is late
    assert await ended(channels) is away
    assert neighbor.asked == LEAST + 1
    now, neighbor.ends = 2 * REST + 0.02, None
    assert [await ended(channels) for _ in range(3)] == [None] * 3


def test_a_rest_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    counter = SimpleNamespace(add=lambda count, named: told.extend([named["type"]] * count))
    monkeypatch.setattr(metrics, "rests", counter)
    breaker = Breaker("filing")
    for _ in range(3 * LEAST):
        breaker.missed(0)
    assert told == ["filing"]


async def test_one_workload_that_hangs_is_no_other(
    neighbor: Neighbor, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = Channels(lambda _: None)
    for _ in range(LEAST):
        channels._breaker("notifications").missed(0)
    assert await ended(channels) is None


async def test_refusals_are_answers(neighbor: Neighbor) -> None:
    channels = Channels(lambda _: None)
    neighbor.ends, neighbor.problem = grpc.StatusCode.UNAVAILABLE, b"told"
    assert [await ended(channels) for _ in range(LEAST + 1)] == [neighbor.ends] * (LEAST + 1)
    assert neighbor.asked == LEAST + 1


@pytest.mark.parametrize(
    ("code", "problem", "answer"),
    [
        (grpc.StatusCode.DEADLINE_EXCEEDED, b"", False),
        (grpc.StatusCode.UNAVAILABLE, b"", False),
        (grpc.StatusCode.UNAVAILABLE, b"told", True),
        (grpc.StatusCode.DEADLINE_EXCEEDED, b"told", True),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, b"", True),
        (grpc.StatusCode.NOT_FOUND, b"told", True),
    ],
)
def test_what_is_an_answer(code: grpc.StatusCode, problem: bytes, answer: bool) -> None:
    assert is_answer(failure(code, problem)) is answer
