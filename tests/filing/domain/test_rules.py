"""Setting rules: bounds are never left, whatever the order of settings, bounds and withdrawals."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kit import data
from kit.errors import Refusal
from kit.regions import Node, hainan
from kit.rules import Bound, RuleBook, Setting, binding, dictionary
from proto.gen.minzheng.filing.v1.rules_pb import LoweredClass
from services.filing.domain import rules
from tests.filing.builders import MONDAY, drafted, submitted

KEY = "FIL.MEMBERS_MIN.BA_ST"
PROVINCE, HAIKOU, LONGHUA, QIONGSHAN = (
    hainan().get(code) for code in ("460000000000", "460100000000", "460106000000", "460107000000")
)
ROLE = {
    PROVINCE.code: "PROV_SO", HAIKOU.code: "CITY_CA",
    LONGHUA.code: "COUNTY_APPROVE", QIONGSHAN.code: "COUNTY_APPROVE",
}  # fmt: skip


def setting(
    value: str, node: Node = LONGHUA, since: date = MONDAY, key: str = KEY, name: str = ""
) -> Setting:
    return Setting(key, node.path, value, since, "龙民〔2026〕3号", name)


def bound(
    low: int, high: int, node: Node = PROVINCE, since: date = MONDAY, key: str = KEY
) -> Bound:
    return Bound(key, node.path, low, high, since, "琼民规〔2026〕1号")


def code_of(call: object, *given: object) -> str:
    with pytest.raises(Refusal) as refused:
        call(*given)  # type: ignore[operator]
    return refused.value.code


class Desks(RuleBasedStateMachine):
    """Province, city and two counties set what they like; what is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.today = MONDAY
        self.book = RuleBook.default()

    def keep(self, settings: list[Setting], bounds: list[Bound]) -> None:
        self.book = RuleBook.default(settings, bounds)

    @rule(days=strategies.integers(1, 5))
    def days_pass(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(
        node=strategies.sampled_from([HAIKOU, LONGHUA, QIONGSHAN]),
        value=strategies.integers(0, 9),
        ahead=strategies.integers(-1, 6),
        name=strategies.sampled_from(["", "CHARITY"]),
    )
    def choose(self, node: Node, value: int, ahead: int, name: str) -> None:
        new = setting(str(value), node, self.today + timedelta(days=ahead), name=name)
        try:
            rules.settable(self.book, new, ROLE[node.code], self.today)
        except Refusal:
            return
        assert ahead >= 0
        self.keep([*self.book.settings(KEY), new], [*self.book.bounds(KEY)])

    @rule(
        node=strategies.sampled_from([PROVINCE, HAIKOU]),
        ends=strategies.tuples(strategies.integers(0, 9), strategies.integers(0, 9)),
        ahead=strategies.integers(0, 6),
    )
    def limit(self, node: Node, ends: tuple[int, int], ahead: int) -> None:
        new = bound(min(ends), max(ends), node, self.today + timedelta(days=ahead))
        days = {(one.region_path, one.effective_from) for one in self.book.bounds(KEY)}
        if (new.region_path, new.effective_from) in days:
            return
        try:
            rules.boundable(self.book, new, ROLE[node.code], node, self.today)
        except Refusal:
            return
        self.keep([*self.book.settings(KEY)], [*self.book.bounds(KEY), new])

    @rule(which=strategies.integers(0, 20))
    def take_back(self, which: int) -> None:
        held = sorted(self.book.settings(KEY), key=repr)
        if not held:
            return
        gone = held[which % len(held)]
        try:
            rules.withdrawable(self.book, gone, self.today)
        except Refusal:
            return
        self.keep([one for one in held if one != gone], [*self.book.bounds(KEY)])

    @invariant()
    def nobody_leaves_a_bound(self) -> None:
        """Read plainly: on every day to come, what a desk chose lies within every bound above it."""
        for ahead in range(14):
            on = self.today + timedelta(days=ahead)
            for node in (HAIKOU, LONGHUA, QIONGSHAN):
                for name in ("", "CHARITY"):
                    found = self.book.resolve(KEY, node.path, on, name)
                    if found.effective_from is None:
                        continue
                    for one in binding(self.book.bounds(KEY), found.region_path, on):
                        assert one.lowest <= found.value <= one.highest


Desks.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestDesks = Desks.TestCase


def test_a_bound_that_begins_later_binds_already() -> None:
    book = RuleBook.default([], [bound(5, 9, since=MONDAY + timedelta(days=10))])
    refused = code_of(rules.settable, book, setting("20"), "COUNTY_APPROVE", MONDAY)
    assert refused == "rule.out_of_bounds"


def test_what_is_taken_back_must_not_leave_an_older_value_outside() -> None:
    later = MONDAY + timedelta(days=5)
    newer = setting("8", since=later)
    book = RuleBook.default([setting("20"), newer], [bound(5, 9, since=later)])
    assert code_of(rules.withdrawable, book, newer, MONDAY) == "rule.older_out_of_bounds"
    free = RuleBook.default([setting("7"), newer], [bound(5, 9, since=later)])
    assert rules.withdrawable(free, newer, MONDAY) is newer
    assert code_of(rules.withdrawable, free, newer, later) == "rule.in_force"


def test_every_offender_of_a_bound_is_named() -> None:
    book = RuleBook.default([setting("20"), setting("3", QIONGSHAN)])
    with pytest.raises(Refusal) as refused:
        rules.boundable(book, bound(5, 9), "PROV_SO", PROVINCE, MONDAY)
    assert refused.value.code == "rule.bound_contradicted"
    told = " ".join(one.message for one in refused.value.violations)
    assert len(refused.value.violations) == 2
    assert "海口市龙华区" in told
    assert "海口市琼山区" in told
    assert "20" in told


@pytest.mark.parametrize(
    ("role", "node", "one", "code"),
    [
        ("PROV_SO", PROVINCE, bound(5, 9, key="FIL.CORRECT_WD"), "rule.not_this_level"),
        ("PROV_SO", LONGHUA, bound(5, 9, LONGHUA), "rule.not_this_level"),
        ("PROV_SO", PROVINCE, bound(1, 2, key="REG.PROMISE_WD"), "rule.not_here"),
        ("PROV_SO", PROVINCE, replace(bound(5, 9), choices=("7",)), "rule.no_choices"),
        ("PROV_SO", PROVINCE, bound(0, 0, key="FIL.VILLAGE_OPINION"), "rule.no_number"),
        ("PROV_SO", PROVINCE, replace(bound(0, 0, key="FIL.SHARED_PREMISES"), choices=("maybe",)),
         "rule.bad_value"),
        ("PROV_SO", PROVINCE, bound(5, 9, since=MONDAY - timedelta(days=1)), "rule.backdated"),
    ],
)  # fmt: skip
def test_a_bad_bound(role: str, node: Node, one: Bound, code: str) -> None:
    assert code_of(rules.boundable, RuleBook.default(), one, role, node, MONDAY) == code


def test_keys_that_hold_before_a_case_has_a_class() -> None:
    new = setting("county", key="FIL.AUTHORITY_LEVEL", name="CHARITY")
    given = (RuleBook.default(), new, "COUNTY_APPROVE", MONDAY)
    assert code_of(rules.settable, *given) == "rule.no_class"


@pytest.mark.parametrize("blank", [" ", "　"])
def test_a_basis_of_blanks_is_none(blank: str) -> None:
    for parts in ((blank * 2, "1号", "民政局"), ("细则", blank, "民政局"), ("细则", "1号", blank)):
        assert code_of(rules.basis_of, *parts, MONDAY, MONDAY) == "rule.no_basis"
    ahead = (MONDAY + timedelta(days=1), MONDAY)
    assert code_of(rules.basis_of, "细则", "1号", "民政局", *ahead) == "rule.basis_ahead"


def test_a_class_for_every_category_with_lowered_thresholds() -> None:
    classes = {rules.lowered_class(category, ()) for category in dictionary("CATEGORY")}
    classes.add(rules.lowered_class("SHFW", ("YL",)))
    assert classes - {""} == {member.name for member in LoweredClass if member}
    assert len(classes) - 1 == len(data.dictionary("LOWERED_CLASS"))
    assert rules.lowered_class("SNX", ("YL",)) == "", "a hub has none"
    assert rules.lowered_class("GYCS", ("YL",)) == "ELDERLY"


def test_the_county_files_itself_where_it_says_so() -> None:
    assert submitted(drafted()).place.authority_code == "460106004000"
    moved = submitted(drafted(), FIL__AUTHORITY_LEVEL="county")
    assert moved.place.authority_code == LONGHUA.code
    assert moved.place.authority_word == "龙华社备"
    assert moved.place.region_path == drafted().place.region_path
