"""Lists as files that spreadsheet programs open: XLSX, or CSV with the mark of its encoding; no formulas."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Protocol

from openpyxl import Workbook

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
TITLE = "导出"


class Sheet(Protocol):
    """A sheet being written."""

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Add rows; what a program would take for a formula is made plain text."""

    def content(self) -> bytes:
        """The finished file."""


def neutral(cell: str) -> str:
    """A cell that no program takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


class Csv:
    """Comma-separated values, UTF-8 with its mark, lines end as Windows has it."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.writer = csv.writer(self.text, lineterminator="\r\n")

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Add rows."""
        self.writer.writerows([neutral(cell) for cell in row] for row in rows)

    def content(self) -> bytes:
        """The finished file."""
        return (MARK + self.text.getvalue()).encode()


class Xlsx:
    """A workbook of one sheet; every cell is text."""

    def __init__(self) -> None:
        self.book = Workbook(write_only=True)
        self.sheet = self.book.create_sheet(TITLE)

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Add rows."""
        for row in rows:
            self.sheet.append([printable(neutral(cell)) for cell in row])

    def content(self) -> bytes:
        """The finished file."""
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()


def printable(cell: str) -> str:
    """Without the control characters that XML has no place for."""
    return "".join(sign for sign in cell if sign >= " " or sign in "\t\n\r")


SHEETS: dict[str, type[Csv] | type[Xlsx]] = {"CSV": Csv, "XLSX": Xlsx}
MEDIA = {
    "CSV": "text/csv; charset=utf-8",
    "XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
