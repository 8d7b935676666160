"""Rules: nearest region, newest date, levels, types and the set a case keeps."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import data
from kit.errors import Kind, Refusal
from kit.regions import hainan
from kit.rules import NATION, Definition, RuleBook, RuleSet, Setting
from kit.rules.values import parse, text_of

PROVINCE = "/460000000000/"
HAIKOU = PROVINCE + "460100000000/"
LONGHUA = HAIKOU + "460106000000/"
TOWN = LONGHUA + "460106004000/"
DANZHOU = PROVINCE + "460400000000/"
DECIDE = "FIL.DECIDE_WD"
TODAY = date(2026, 3, 2)


def setting(path: str, value: str, since: date = TODAY, key: str = DECIDE) -> Setting:
    return Setting(key, path, value, since, "琼民规〔2026〕1号")


def refused(one: Setting, *more: Setting) -> Refusal:
    with pytest.raises(Refusal) as caught:
        RuleBook.default([one, *more])
    assert caught.value.kind is Kind.INVALID
    assert one.key in caught.value.detail
    return caught.value


def test_every_default_has_a_value_of_its_type_and_a_basis() -> None:
    book = RuleBook.default()
    for row in data.rows("rule_defaults.csv"):
        resolved = book.resolve(row["key"], TOWN, TODAY)
        assert text_of(resolved.value) == row["value"]
        assert resolved.basis == row["basis"] != ""
        assert (resolved.region_path, resolved.effective_from) == (PROVINCE, None)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (DECIDE, 10),
        ("FIL.SHARED_PREMISES", True),
        ("REG.OPINION_STOPS_CLOCK", False),
        ("SUP.SAMPLE.CITY", 4),
        ("FIL.MAJOR.MONEY", 100_000),
        ("FIL.VILLAGE_OPINION", "required"),
        ("FND.INSTALMENTS", (60, 30, 10)),
        ("CAL.LOCAL_HOLIDAYS", ()),
    ],
)
def test_values_are_typed(key: str, value: object) -> None:
    resolved = RuleBook.default().resolve(key, TOWN, TODAY).value
    assert resolved == value
    assert type(resolved) is type(value)


def test_default_grounds_of_refusal_are_codes_of_the_dictionary() -> None:
    grounds = RuleBook.default().resolve("FIL.REFUSAL_GROUNDS", TOWN, TODAY).value
    assert set(grounds) == set(data.dictionary("FILING_REFUSAL"))


def test_the_nearest_region_wins_then_the_newest_date() -> None:
    book = RuleBook.default(
        [
            setting(PROVINCE, "9", date(2026, 2, 1)),
            setting(HAIKOU, "8", date(2025, 1, 1)),
            setting(LONGHUA, "7", date(2024, 1, 1)),
            setting(LONGHUA, "6", date(2026, 1, 1)),
        ]
    )
    at = {path: book.resolve(DECIDE, path, TODAY).value for path in (TOWN, HAIKOU, DANZHOU)}
    assert at == {TOWN: 6, HAIKOU: 8, DANZHOU: 9}


def test_a_new_value_holds_from_its_day_on() -> None:
    book = RuleBook.default([setting(LONGHUA, "7", date(2026, 3, 2))])
    assert book.resolve(DECIDE, TOWN, date(2026, 3, 1)).value == 10
    resolved = book.resolve(DECIDE, TOWN, date(2026, 3, 2))
    assert (resolved.value, resolved.basis) == (7, "琼民规〔2026〕1号")
    assert (resolved.region_path, resolved.effective_from) == (LONGHUA, date(2026, 3, 2))


def test_a_provincial_value_does_not_reach_over_a_nearer_older_one() -> None:
    book = RuleBook.default([setting(LONGHUA, "7", date(2020, 1, 1)), setting(PROVINCE, "9")])
    assert book.resolve(DECIDE, TOWN, TODAY).value == 7


def test_the_nation_may_set_what_nobody_below_may() -> None:
    key = "REG.DECIDE_D"
    assert refused(setting(PROVINCE, "30", key=key)).code == "rule.level"
    book = RuleBook.default([setting(NATION, "30", key=key)])
    assert book.resolve(key, TOWN, TODAY).value == 30


@pytest.mark.parametrize(
    ("key", "path", "value", "allowed"),
    [
        (DECIDE, PROVINCE, "7", True),
        (DECIDE, HAIKOU, "7", True),
        (DECIDE, LONGHUA, "7", True),
        (DECIDE, DANZHOU, "7", True),
        (DECIDE, TOWN, "7", False),
        ("FIL.CORRECT_WD", PROVINCE, "7", True),
        ("FIL.CORRECT_WD", HAIKOU, "7", False),
        ("SUP.HOTLINE.SIGN_WD", HAIKOU, "2", True),
        ("SUP.HOTLINE.SIGN_WD", DANZHOU, "2", True),
        ("SUP.HOTLINE.SIGN_WD", LONGHUA, "2", False),
    ],
)
def test_level_that_may_set(key: str, path: str, value: str, allowed: bool) -> None:
    one = setting(path, value, key=key)
    if allowed:
        assert RuleBook.default([one]).resolve(key, path, TODAY).value == int(value)
    else:
        assert refused(one).code == "rule.level"


def test_no_value_without_basis() -> None:
    assert refused(Setting(DECIDE, LONGHUA, "7", TODAY, " ")).code == "rule.no_basis"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (DECIDE, "-1"),
        (DECIDE, "１０"),
        (DECIDE, "1_0"),
        (DECIDE, ""),
        ("FIL.SHARED_PREMISES", "yes"),
        ("FIL.LOCAL_RESIDENT_SHARE_MIN", "101"),
        ("FIL.VILLAGE_OPINION", "perhaps"),
        ("FND.INSTALMENTS", "60, 40"),
        ("CAL.LOCAL_HOLIDAYS", "2026-02-30"),
        ("FIL.REFUSAL_GROUNDS", "NOT_LIKED"),
        ("FIL.REFUSAL_GROUNDS", "FOR_PROFIT,FOR_PROFIT"),
    ],
)
def test_bad_values(key: str, value: str) -> None:
    assert refused(setting(PROVINCE, value, key=key)).code == "rule.bad_value"


def test_grounds_of_a_key_without_dictionary_are_refused() -> None:
    row = Definition("X.LIST", "a list", "enum_list", "", "", "county", "D")
    with pytest.raises(Refusal, match=r"rule\.bad_value"):
        RuleBook([row], [setting(LONGHUA, "FOR_PROFIT", key="X.LIST")])


def test_unknown_key_and_region() -> None:
    assert refused(setting(LONGHUA, "7", key="FIL.NONE")).code == "rule.unknown_key"
    placeholder = hainan().get("460202198000").path
    for path in ("/460106000000/", LONGHUA.rstrip("/"), placeholder, "//", ""):
        assert refused(setting(path, "7")).code == "rule.unknown_region"
    with pytest.raises(KeyError, match=r"FIL\.NONE"):
        RuleBook.default().resolve("FIL.NONE", TOWN, TODAY)
    with pytest.raises(ValueError, match="not a region path"):
        RuleBook.default().resolve(DECIDE, TOWN.rstrip("/"), TODAY)


def test_one_value_for_a_region_and_day() -> None:
    assert refused(setting(LONGHUA, "7"), setting(LONGHUA, "8")).code == "rule.duplicate"


KEYS = [row["key"] for row in data.rows("rule_defaults.csv")]
HOLIDAYS = setting(PROVINCE, "2026-04-20,2026-04-21", key="CAL.LOCAL_HOLIDAYS")


def test_a_pinned_set_survives_its_storage() -> None:
    pinned = RuleBook.default([HOLIDAYS]).pin(KEYS, TOWN, TODAY)
    stored = RuleSet.from_json(pinned.as_json)
    assert dict(stored) == dict(pinned)
    assert stored["CAL.LOCAL_HOLIDAYS"] == (date(2026, 4, 20), date(2026, 4, 21))
    assert stored.basis(DECIDE) == pinned.basis(DECIDE)
    assert stored.as_json == pinned.as_json
    assert stored.fingerprint == pinned.fingerprint
    assert len(pinned) == len(KEYS)


def test_a_pinned_set_keeps_the_day_of_receipt() -> None:
    """Straddling: received before, judged after the new value came into force."""
    before = RuleBook.default().pin([DECIDE], TOWN, date(2026, 3, 1))
    book = RuleBook.default([setting(LONGHUA, "7")])
    assert RuleSet.from_json(before.as_json)[DECIDE] == 10
    assert book.pin([DECIDE], TOWN, date(2026, 3, 1)).fingerprint == before.fingerprint
    assert book.pin([DECIDE], TOWN, TODAY)[DECIDE] == 7


def test_the_fingerprint_tells_sets_apart() -> None:
    def fingerprint(*settings: Setting, keys: tuple[str, ...] = (DECIDE, "FIL.VALID_YEARS")) -> str:
        return RuleBook.default(settings).pin(keys, TOWN, TODAY).fingerprint

    plain = fingerprint()
    assert len(plain) == 16
    assert fingerprint(keys=("FIL.VALID_YEARS", DECIDE)) == plain
    other_basis = Setting(DECIDE, LONGHUA, "10", TODAY, "龙民〔2026〕2号")
    assert len({plain, fingerprint(other_basis), fingerprint(setting(LONGHUA, "9"))}) == 3


def test_a_key_that_was_not_pinned_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"FIL\.VALID_YEARS"):
        RuleBook.default().pin([DECIDE], TOWN, TODAY)["FIL.VALID_YEARS"]


PLACES = st.sampled_from([PROVINCE, HAIKOU, LONGHUA, DANZHOU])
DATES = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@given(st.dictionaries(st.tuples(PLACES, DATES), st.integers(0, 99), max_size=12), DATES)
def test_resolution_is_the_plain_reading(held: dict[tuple[str, date], int], on: date) -> None:
    book = RuleBook.default(setting(path, str(n), day) for (path, day), n in held.items())
    expected = 10
    for place in (PROVINCE, HAIKOU, LONGHUA):
        days = [day for path, day in held if path == place and day <= on]
        expected = held[place, max(days)] if days else expected
    assert book.resolve(DECIDE, TOWN, on).value == expected
    for place in (PROVINCE, HAIKOU, LONGHUA, DANZHOU, TOWN):
        read = RuleSet([book.resolve(DECIDE, place, on)])
        assert book.pin([DECIDE], place, on).as_json == read.as_json


def test_places_without_values_of_their_own_share_a_set() -> None:
    book = RuleBook.default([setting(LONGHUA, "7")])
    shared = book.pin([DECIDE], PROVINCE, TODAY)
    assert book.pin([DECIDE], DANZHOU, TODAY) is shared
    assert book.pin([DECIDE], TOWN, TODAY) is book.pin([DECIDE], LONGHUA, TODAY)
    assert book.pin([DECIDE], TOWN, TODAY) is not shared
    with pytest.raises(ValueError, match="not a region path"):
        book.pin([DECIDE], TOWN.rstrip("/"), TODAY)


@given(st.lists(st.dates(date(2000, 1, 1), date(2100, 1, 1)), unique=True, max_size=5))
def test_lists_of_dates_read_back(days: list[date]) -> None:
    assert parse("date_list", text_of(tuple(days))) == tuple(days)


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown type"):
        parse("money", "1")
