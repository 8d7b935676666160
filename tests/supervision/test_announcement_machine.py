"""Announcements: whatever officers do in whatever order, nobody publishes what he has written in."""

from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kit.acting import Actor
from kit.errors import Refusal
from kit.regions import hainan
from services.supervision.domain import announcement as domain
from services.supervision.domain.announcement import State, Text

STREET = hainan().get("460106004000")
TEXTS = st.builds(
    Text,
    st.sampled_from(["CANCELLATION", "OTHER", "BAN"]),
    st.sampled_from(["公告", "<b>公告", " "]),
    st.just("正文\n第二段"),
)
PERSONS = ("", "one", "two")
ACTORS = st.builds(
    Actor,
    st.sampled_from(["a", "b", "c"]),
    st.just("TOWN_LEAD"),
    person_key=st.sampled_from(PERSONS),
    delegator=st.sampled_from(["", "a", "d"]),
    delegator_key=st.sampled_from(PERSONS),
)


def names(actor: Actor) -> set[str]:
    """Accounts and persons that an actor is, or acts for."""
    found = {actor.account, actor.person_key, actor.delegator, actor.delegator_key}
    return found - {""}


def good(text: Text) -> bool:
    """What a street may say."""
    return text.title == "公告" and text.kind != "BAN"


class Machine(RuleBasedStateMachine):
    """One announcement of a street; the model is its state, its writers and its text."""

    @initialize(actor=ACTORS)
    def begin(self, actor: Actor) -> None:
        self.today = date(2026, 3, 2)
        self.text = Text("OTHER", "公告", "正文")
        self.found = domain.draft("id", STREET, self.text, actor)
        self.state, self.writers, self.version = State.DRAFT, names(actor), 1

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(actor=ACTORS, text=TEXTS)
    def edit(self, actor: Actor, text: Text) -> None:
        if self._done(self.state is State.DRAFT and good(text), lambda: domain.edit(self.found, STREET, text, actor)):  # fmt: skip
            self.text, self.writers = text, self.writers | names(actor)

    @rule(actor=ACTORS)
    def publish(self, actor: Actor) -> None:
        allowed = self.state is State.DRAFT and not names(actor) & self.writers
        if self._done(allowed, lambda: domain.publish(self.found, actor, self.today)):
            self.state = State.PUBLISHED
            assert self.found.published_on == self.today

    @rule(reason=st.sampled_from(["内容有误", " ", "<script>"]))
    def withdraw(self, reason: str) -> None:
        allowed = self.state is State.PUBLISHED and reason == "内容有误"
        if self._done(allowed, lambda: domain.withdraw(self.found, reason, self.today)):
            self.state = State.WITHDRAWN
            assert (self.found.withdrawn_on, self.found.reason) == (self.today, reason)

    def _done(self, allowed: bool, step: object) -> bool:
        try:
            self.found = step()  # type: ignore[operator]
        except Refusal:
            assert not allowed
            return False
        assert allowed
        self.version += 1
        return True

    @invariant()
    def stands_as_the_model_says(self) -> None:
        found = self.found
        assert (found.state, found.version, found.text) == (self.state, self.version, self.text)
        assert (found.published_on is None) == (self.state is State.DRAFT)
        assert (found.withdrawn_on is not None) == (self.state is State.WITHDRAWN)


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=150, stateful_step_count=12, deadline=None)
