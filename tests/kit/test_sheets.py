"""Sheets: what goes in comes out as text, whatever a spreadsheet program would make of it."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.sheets import MARK, Csv, Xlsx, neutral

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@given(st.lists(st.lists(TEXT, min_size=1, max_size=4), min_size=1, max_size=5))
def test_csv_gives_back_what_was_added(rows: list[list[str]]) -> None:
    sheet = Csv()
    sheet.add(rows)
    text = sheet.content().decode()
    assert text.startswith(MARK)
    read = list(csv.reader(io.StringIO(text.removeprefix(MARK), newline="")))
    assert read == [[neutral(cell) for cell in row] for row in rows]


@given(TEXT)
def test_a_workbook_holds_text_and_no_formula(cell: str) -> None:
    sheet = Xlsx()
    sheet.add([[cell, "备案"]])
    book = openpyxl.load_workbook(io.BytesIO(sheet.content()))
    first, second = next(iter(book.active.iter_rows()))
    assert first.data_type != "f"
    assert second.value == "备案"


def test_control_characters_do_not_break_a_workbook() -> None:
    sheet = Xlsx()
    sheet.add([["a\x00\x0bb\x1f", "=cmd|' /C calc'!A0"]])
    row = next(iter(openpyxl.load_workbook(io.BytesIO(sheet.content())).active.iter_rows()))
    assert [cell.value for cell in row] == ["ab", "'=cmd|' /C calc'!A0"]
