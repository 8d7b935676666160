"""Rules by class of activity, and bounds: what holds whatever the order of settings."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.rules import Bound, RuleBook, RuleSet, Setting, binding, outside
from kit.rules.pinned import Resolved

PROVINCE = "/460000000000/"
HAIKOU = PROVINCE + "460100000000/"
LONGHUA = HAIKOU + "460106000000/"
TOWN = LONGHUA + "460106004000/"
KEY = "FIL.MEMBERS_MIN.BA_ST"
TODAY = date(2026, 3, 2)
PLACES = (PROVINCE, HAIKOU, LONGHUA)
CLASSES = ("", "CHARITY", "CULTURE")


def setting(path: str, value: int, since: date = TODAY, lowered_class: str = "") -> Setting:
    return Setting(KEY, path, str(value), since, "琼民规〔2026〕1号", lowered_class)


def bound(path: str, low: int, high: int, since: date = TODAY) -> Bound:
    return Bound(KEY, path, low, high, since, "琼民规〔2026〕2号")


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


def resolved(settings: list[Setting], wanted: str, on: date = TODAY) -> Resolved:
    return RuleBook.default(settings).resolve(KEY, TOWN, on, wanted)


def test_a_value_of_the_class_goes_before_a_newer_general_one() -> None:
    held = [setting(LONGHUA, 6, day(-9), "CHARITY"), setting(LONGHUA, 9)]
    assert resolved(held, "CHARITY").value == 6
    assert resolved(held, "CHARITY").lowered_class == "CHARITY"
    assert resolved(held, "CULTURE").value == 9
    assert resolved(held, "").value == 9


def test_a_nearer_general_value_goes_before_a_farther_one_of_the_class() -> None:
    held = [setting(HAIKOU, 6, TODAY, "CHARITY"), setting(LONGHUA, 9, day(-9))]
    assert resolved(held, "CHARITY").value == 9


def test_the_class_is_kept_and_part_of_the_fingerprint() -> None:
    book = RuleBook.default([setting(LONGHUA, 10, TODAY, "CHARITY"), setting(LONGHUA, 10)])
    lowered, general = (book.pin([KEY], TOWN, TODAY, name) for name in ("CHARITY", ""))
    assert (lowered.lowered_class, general.lowered_class) == ("CHARITY", "")
    assert lowered.fingerprint != general.fingerprint, "same number, another set"
    assert RuleSet.from_json(lowered.as_json).lowered_class == "CHARITY"
    assert [one.key for one in lowered.resolved] == [KEY]


def test_a_set_stored_before_there_were_classes_is_read() -> None:
    stored = RuleBook.default().pin([KEY], TOWN, TODAY).as_json
    older = stored.replace(', "lowered_class": ""', "")
    assert older != stored
    assert RuleSet.from_json(older).lowered_class == ""


Held = dict[tuple[str, str, date], int]
DAYS = st.integers(-20, 20).map(day)
HELD = st.dictionaries(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(CLASSES), DAYS),
    st.integers(0, 99),
    max_size=14,
)


def plainly(held: Held, wanted: str, on: date) -> int:
    """The order as the decision states it, read place by place."""
    for place in reversed(PLACES):
        for name in dict.fromkeys((wanted, "")):
            days = [d for p, c, d in held if (p, c) == (place, name) and d <= on]
            if days:
                return held[place, name, max(days)]
    return 10


@given(HELD, st.sampled_from(CLASSES), DAYS)
def test_nearest_then_class_then_newest(held: Held, wanted: str, on: date) -> None:
    settings = [setting(p, n, d, c) for (p, c, d), n in held.items()]
    found = resolved(settings, wanted, on)
    assert found.value == plainly(held, wanted, on)
    assert found.value == resolved(settings[::-1], wanted, on).value, "no matter in which order"
    assert found.lowered_class in ("", wanted)


@given(HELD, st.sampled_from(CLASSES), DAYS, st.tuples(st.sampled_from(PLACES), DAYS))
def test_a_setting_changes_nothing_before_its_day_or_for_other_classes(
    held: Held, wanted: str, on: date, new: tuple[str, date]
) -> None:
    settings = [setting(p, n, d, c) for (p, c, d), n in held.items()]
    more = [*settings, setting(new[0], 100, new[1], "FARMING")]
    assert resolved(more, wanted, on) == resolved(settings, wanted, on)
    if on < new[1]:
        assert resolved(more, "FARMING", on) == resolved(settings, "FARMING", on)


def test_the_newest_bound_of_each_region_above_binds() -> None:
    bounds = [
        bound(PROVINCE, 1, 9, day(-5)), bound(PROVINCE, 2, 8), bound(HAIKOU, 3, 7),
        bound(HAIKOU, 4, 6, day(1)), bound(LONGHUA, 5, 5),
    ]  # fmt: skip
    assert binding(bounds, LONGHUA, TODAY) == [bounds[1], bounds[2]]
    assert binding(bounds, HAIKOU, TODAY) == [bounds[1]], "not by its own"
    assert binding(bounds, LONGHUA, day(-1)) == [bounds[0]]
    assert binding(bounds, PROVINCE, TODAY) == []


@pytest.mark.parametrize(
    ("settings", "bounds", "found"),
    [
        ([setting(LONGHUA, 20)], [bound(PROVINCE, 5, 9, day(10))], 1),
        ([setting(LONGHUA, 20), setting(LONGHUA, 8, day(10))], [bound(PROVINCE, 5, 9, day(10))], 0),
        ([setting(LONGHUA, 20), setting(LONGHUA, 8, day(9), "CHARITY")],
         [bound(PROVINCE, 5, 9, day(10))], 1),
        ([setting(LONGHUA, 20, day(10))], [bound(PROVINCE, 5, 9), bound(PROVINCE, 5, 20, day(10))], 0),
        ([setting(LONGHUA, 20, day(-9)), setting(LONGHUA, 8)], [bound(PROVINCE, 5, 9, day(-9))], 0),
        ([setting(PROVINCE, 20)], [bound(PROVINCE, 5, 9)], 0),
        ([setting(LONGHUA, 20)], [bound(PROVINCE + "460200000000/", 5, 9)], 0),
    ],
    ids=["begins later", "followed by another", "not by one of a class", "loosened in time",
         "in the past", "its own region", "elsewhere"],
)  # fmt: skip
def test_outside(settings: list[Setting], bounds: list[Bound], found: int) -> None:
    assert len(outside(settings, bounds, TODAY)) == found


def test_choices_instead_of_numbers() -> None:
    either = Bound("FIL.VILLAGE_OPINION", PROVINCE, 0, 0, TODAY, "琼民规", ("required",))
    assert either.admits("required")
    assert not either.admits("none")


NUMBERS = st.integers(0, 12)
BOUNDS = st.dictionaries(
    st.tuples(st.sampled_from(PLACES[:2]), st.integers(0, 12).map(day)),
    st.tuples(NUMBERS, NUMBERS).map(lambda ends: (min(ends), max(ends))),
    max_size=4,
)
LATER = st.dictionaries(
    st.tuples(st.sampled_from(PLACES[1:]), st.sampled_from(CLASSES), st.integers(0, 12).map(day)),
    NUMBERS,
    max_size=6,
)


@given(BOUNDS, LATER)
def test_outside_is_what_some_day_shows(
    ends: dict[tuple[str, date], tuple[int, int]], held: Held
) -> None:
    """The spans against a look at every day."""
    bounds = [bound(path, *pair, since) for (path, since), pair in ends.items()]
    settings = [setting(p, n, d, c) for (p, c, d), n in held.items()]
    seen = set()
    for on in map(day, range(14)):
        for path, name in {(p, c) for p, c, _ in held}:
            begun = [s for s in settings if (s.region_path, s.lowered_class) == (path, name)
                     and s.effective_from <= on]  # fmt: skip
            current = max(begun, key=lambda s: s.effective_from, default=None)
            if current is not None:
                over = binding(bounds, path, on)
                seen |= {(current, one) for one in over if not one.admits(current.value)}
    assert set(outside(settings, bounds, TODAY)) == seen
