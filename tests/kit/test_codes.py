"""Codes against the vectors of the domain tables, and against what a person mistypes."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import codes

DATA = Path(__file__).parent / "data"
TODAY = date(2026, 3, 2)


def vectors(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


USCC = vectors("uscc_vectors.csv")
IDS = vectors("idcard_vectors.csv")
FILINGS = vectors("filing_no_vectors.csv")


def test_all_vectors_are_here() -> None:
    assert len(USCC) + len(IDS) + len(FILINGS) == 58


@pytest.mark.parametrize("row", USCC, ids=lambda row: row["value"])
def test_uscc_vector(row: dict[str, str]) -> None:
    assert codes.uscc_problem(row["value"]) == (row["expected_problem"] or None)


@pytest.mark.parametrize("row", IDS, ids=lambda row: row["value"])
def test_id_vector(row: dict[str, str]) -> None:
    assert codes.id_problem(row["value"], today=TODAY) == (row["expected_problem"] or None)


@pytest.mark.parametrize("row", FILINGS, ids=lambda row: row["value"])
def test_filing_vector(row: dict[str, str]) -> None:
    assert codes.filing_problem(row["value"]) == (row["expected_problem"] or None)


@pytest.mark.parametrize("row", [row for row in FILINGS if not row["expected_problem"]])
def test_filing_number_is_built_as_in_the_vector(row: dict[str, str]) -> None:
    number = row["value"]
    assert codes.filing_number(number[4:13], int(number[13:17]), int(number[17:22])) == number


def test_production_refuses_exactly_the_synthetic_codes() -> None:
    for row in (row for row in USCC + IDS if not row["expected_problem"]):
        problem = (
            codes.uscc_problem(row["value"], production=True)
            if "holder_class" in row
            else codes.id_problem(row["value"], today=TODAY, production=True)
        )
        assert problem == ("synthetic" if row["kind"] == "synthetic" else None)


def test_civil_only_refuses_other_registrars() -> None:
    assert codes.uscc_problem("12100000400009127B", civil_only=True) == "authority"
    assert codes.uscc_problem("51100000500009247D", civil_only=True) is None


def test_normalizing_guesses_nothing() -> None:
    assert codes.normalize_uscc("\u3000５２４４０３００mjl186084f ") == "52440300MJL186084F"
    assert codes.uscc_problem(codes.normalize_uscc("5244O300MJL186084F")) == "charset"
    assert codes.normalize_id("11010519491231002x") == "11010519491231002X"


@pytest.mark.parametrize(
    "number", ["１１０１０５１９４９１２３１００２X", "11010519491231002²", ""]
)
def test_foreign_digits_are_no_digits(number: str) -> None:
    assert codes.id_problem(number, today=TODAY) == "format"


def test_nobody_is_born_tomorrow() -> None:
    assert codes.id_problem("46990019900307005X", today=date(1990, 3, 7)) is None
    assert codes.id_problem("46990019900307005X", today=date(1990, 3, 6)) == "birth_range"


@pytest.mark.parametrize(
    ("number", "outside", "production"),
    [
        ("13800000000", None, None),
        ("12000000001", None, "synthetic"),
        ("12800000000", "format", "format"),
        ("1380000000", "format", "format"),
        ("１３８００００００００", "format", "format"),
        ("13800000000\n", "format", "format"),
    ],
)
def test_phone(number: str, outside: str | None, production: str | None) -> None:
    assert codes.phone_problem(number, production=False) == outside
    assert codes.phone_problem(number, production=True) == production


def test_numbers_as_printed() -> None:
    assert codes.nine_digits("460106004000") == "460106004"
    assert codes.printed_number("大同社备", 2026, 1) == "大同社备〔2026〕1号"
    assert codes.application_number(date(2026, 3, 1), "460106", 1) == "SB202603014601060001"


@pytest.mark.parametrize("serial", [0, 100_000])
def test_no_filing_number_beyond_its_room(serial: int) -> None:
    with pytest.raises(ValueError, match="no filing number"):
        codes.filing_number("460106004", 2026, serial)


def test_no_other_number_beyond_its_room() -> None:
    with pytest.raises(ValueError, match="no application number"):
        codes.application_number(date(2026, 3, 1), "460106", 10_000)
    with pytest.raises(ValueError, match="not a division code"):
        codes.nine_digits("4601060")


def changed(text: str, position: int, alphabet: str, step: int) -> str:
    char = alphabet[(alphabet.index(text[position]) + step) % len(alphabet)]
    return text[:position] + char + text[position + 1 :]


@given(st.integers(1, 99_999), st.integers(4, 22), st.integers(1, 9))
def test_one_changed_digit_of_a_filing_number_shows(serial: int, position: int, step: int) -> None:
    number = codes.filing_number("460106004", 2026, serial)
    assert codes.filing_problem(number) is None
    assert codes.filing_problem(changed(number, position, "0123456789", step)) == "check"


@given(
    st.sampled_from([row["value"] for row in USCC if not row["expected_problem"]]),
    st.integers(0, 17),
    st.integers(1, 30),
)
def test_one_changed_character_of_a_uscc_shows(code: str, position: int, step: int) -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    assert codes.uscc_problem(changed(code, position, alphabet, step)) in ("check", "division")


@given(
    st.sampled_from([row["value"] for row in IDS if not row["expected_problem"]]),
    st.integers(0, 16),
    st.integers(1, 9),
)
def test_one_changed_digit_of_an_id_shows(number: str, position: int, step: int) -> None:
    assert codes.id_problem(changed(number, position, "0123456789", step), today=TODAY)
