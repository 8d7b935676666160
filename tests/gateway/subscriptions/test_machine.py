"""The states of a subscription against a model: random orders, times and persons."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.queue.breaker import Health
from gateway.subscriptions.domain import subscription as domain
from gateway.subscriptions.domain.subscription import Outcome, Subscription
from kit.calendar import Moment
from kit.errors import Refusal

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
ALLOWED = (ip_network("10.0.0.0/8"),)
NEXT = {
    "approve": {"REQUESTED": "APPROVED"},
    "refuse": {"REQUESTED": "REFUSED"},
    "open": {"APPROVED": "LIVE", "LIVE": "LIVE", "PAUSED": "PAUSED"},
    "rotate": {"APPROVED": "APPROVED", "LIVE": "LIVE", "PAUSED": "PAUSED"},
    "pause": {"LIVE": "PAUSED"},
    "resume": {"PAUSED": "LIVE"},
    "end": dict.fromkeys(("REQUESTED", "APPROVED", "LIVE", "PAUSED"), "ENDED"),
}
"""Where each step leads, written apart from the rules."""
SIDES = st.sampled_from(["DEPARTMENT", "AUTHORITY"])


class Machine(RuleBasedStateMachine):
    """One subscription through its life."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        asked = Subscription(
            "s", "dept", "460106000000", "/460000000000/", ("cn.gov.hainan.organization.filed.v1",),
            "共享", "https://10.46.8.9/events", ("10.46.8.0/24",), START,
        )  # fmt: skip
        first = domain.request(asked, "hainan", ALLOWED, self.moment)
        self.found, self.facts, self.secret = first.subscription, 1, 0

    @property
    def moment(self) -> Moment:
        return Moment(self.now.date(), self.now)

    def step(self, name: str, make: Callable[[], Outcome], *, allowed: bool = True) -> None:
        before = self.found
        expected = NEXT[name].get(before.state) if allowed else None
        if expected is None:
            with pytest.raises(Refusal, match=r"^subscriptions\."):
                make()
            return
        outcome = make()
        assert outcome.subscription.state == expected, (name, before.state)
        self.found = outcome.subscription
        if outcome.fact is not None:
            self.facts += 1
            assert outcome.fact.fact_version == self.found.fact_version
            assert self.found.version == before.version + 1

    @rule(by=st.sampled_from(["lin", "dept"]))
    def approve(self, by: str) -> None:
        self.step("approve", lambda: domain.approve(self.found, by, self.moment),
                  allowed=by != "dept")  # fmt: skip

    @rule()
    def refuse(self) -> None:
        self.step("refuse", lambda: domain.refuse(self.found, "lin", "不符", self.moment))

    @rule()
    def rotate(self) -> None:
        self.secret += 1
        new = b"secret-%d" % self.secret
        self.step("rotate", lambda: domain.rotate(self.found, new, self.moment))

    @rule(head=st.integers(0, 99))
    def test(self, head: int) -> None:
        def make() -> Outcome:
            domain.may_test(self.found)
            return domain.opened(self.found, head, self.moment)

        self.step("open", make, allowed=bool(self.found.secret))

    @rule(by=SIDES)
    def pause(self, by: str) -> None:
        self.step("pause", lambda: domain.pause(self.found, by, "检修", self.moment))

    @rule(by=SIDES)
    def resume(self, by: str) -> None:
        fits = self.found.stopped_by != "AUTHORITY" or by == "AUTHORITY"
        self.step("resume", lambda: domain.resume(self.found, by, self.moment), allowed=fits)

    @rule(by=SIDES)
    def end(self, by: str) -> None:
        self.step("end", lambda: domain.end(self.found, by, "停用", self.moment))

    @rule(hours=st.integers(1, 40))
    def later(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def facts_are_counted_without_holes(self) -> None:
        assert self.found.fact_version == self.facts

    @invariant()
    def only_two_persons_open_an_address(self) -> None:
        if self.found.state in ("APPROVED", "REFUSED", "LIVE", "PAUSED"):
            assert self.found.decided_by == "lin" != self.found.account
        if self.found.state in ("LIVE", "PAUSED"):
            assert self.found.secret
            assert self.found.live_from is not None

    @invariant()
    def an_ended_subscription_keeps_no_secret(self) -> None:
        if self.found.state == "ENDED":
            assert (self.found.secret, self.found.former) == (b"", b"")

    @invariant()
    def the_former_secret_signs_for_a_day(self) -> None:
        signing = self.found.secrets(self.now)
        assert 1 <= len(signing) <= 2
        until = self.found.former_until
        if len(signing) == 2:
            assert until is not None
            assert self.now < until <= self.now + domain.OVERLAP

    @invariant()
    def who_stopped_it_is_known_while_it_stands(self) -> None:
        assert (self.found.state in ("PAUSED", "ENDED")) == bool(self.found.stopped_by)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=int(os.environ.get("MINZHENG_MACHINE_RUNS", "200")),
    stateful_step_count=30,
    deadline=None,
)


def test_a_resumed_subscription_starts_healthy() -> None:
    found = Subscription(
        "s", "dept", "460106000000", "/", (), "", "", (), START, state="PAUSED",
        stopped_by="PLATFORM", health=Health(12, START, START),
    )  # fmt: skip
    assert domain.resume(found, "DEPARTMENT", Moment(START.date(), START)).subscription.health == (
        Health()
    )
