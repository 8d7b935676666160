"""Texts as people type them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.portal.forms import cleaning
from kit.codes import id_check

WIDE = str.maketrans("0123456789-/", "０１２３４５６７８９－／")


@pytest.mark.parametrize(
    "typed",
    ["20261122", "2026-11-22", "2026/11/22", "2026.11.22", "2026年11月22日", " ２０２６１１２２　"],
)
def test_a_day_as_people_write_it(typed: str) -> None:
    assert cleaning.day(typed) == "2026-11-22"


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_comes_back(day: date) -> None:
    assert cleaning.day(f"{day:%Y%m%d}") == day.isoformat()
    assert cleaning.day(day.isoformat().translate(WIDE)) == day.isoformat()


@pytest.mark.parametrize(
    "typed", ["20260230", "2026-13-01", "20261", "2026112", "明天", "1-1-1", "2026-11-22T00:00"]
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"[应不]"):
        cleaning.day(typed)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_money_goes_to_fen_and_back_exactly(fen: int) -> None:
    assert cleaning.fen(cleaning.yuan(fen)) == fen
    assert Decimal(cleaning.yuan(fen)) * 100 == fen


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("", 0), ("5,000", 500_000), ("５０００．５", 500_050), ("¥3元", 300), ("0.10", 10)],
)
def test_money_as_people_write_it(typed: str, fen: int) -> None:
    assert cleaning.fen(typed) == fen


@pytest.mark.parametrize(
    "typed", ["1.005", "五百", "NaN", "Infinity", "1e400", "0x10", "1..2", "9" * 40]
)
def test_what_is_no_money_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="应为金额"):
        cleaning.fen(typed)


@pytest.mark.parametrize(("typed", "number"), [("", 0), ("１２", 12), ("1,200", 1200), (" 7 ", 7)])
def test_whole_numbers(typed: str, number: int) -> None:
    assert cleaning.integer(typed) == number


@pytest.mark.parametrize("typed", ["1.5", "十二", "1 e5", "²", "٣", "1" * 30])
def test_what_is_no_whole_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="应为整数"):
        cleaning.integer(typed)


@given(
    st.from_regex(
        r"469900(19[3-9][0-9]|200[0-9])(0[1-9]|1[0-2])(0[1-9]|1[0-9])[0-9]{3}", fullmatch=True
    )
)
def test_identity_numbers_with_wide_and_small_letters(first: str) -> None:
    number = first + id_check(first)
    assert cleaning.identity(f" {number.lower().translate(WIDE)} ") == number
    wrong = first + next(sign for sign in "0123456789X" if sign != number[-1])
    with pytest.raises(ValueError, match="身份证"):
        cleaning.identity(wrong)


def test_credit_codes() -> None:
    assert cleaning.credit("５２460106dem000022y ") == "52460106DEM000022Y"
    with pytest.raises(ValueError, match="信用代码"):
        cleaning.credit("52460106DEM000022X")


@given(st.text())
def test_a_line_is_one_line_and_cleaning_it_again_changes_nothing(text: str) -> None:
    try:
        once = cleaning.line(text)
    except ValueError:
        return
    assert "\n" not in once
    assert "\r" not in once
    assert cleaning.line(once) == once


@given(st.text())
def test_paragraphs_keep_what_is_inside(text: str) -> None:
    try:
        kept = cleaning.paragraphs(f"甲{text}乙")
    except ValueError:
        return
    assert kept == f"甲{text}乙".replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x7f", "\ud800"])
def test_signs_nobody_sees_are_refused(sign: str) -> None:
    for clean in (cleaning.line, cleaning.paragraphs, cleaning.code, cleaning.day):
        with pytest.raises(ValueError, match="无法显示"):
            clean(f"好{sign}的")
