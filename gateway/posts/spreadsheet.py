"""The rows of a spreadsheet as text: CSV in UTF-8 or GB18030, XLSX by its values."""

import csv
import io
import itertools
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl

from gateway.uploads.sandbox import Sandbox
from kit.errors import invalid

ARCHIVE = b"PK\x03\x04"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 2000
MOST_COLUMNS = 20
MOST_LOOKED_AT = 20_000
"""Rows read at most: a sheet may claim a million empty ones."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is not empty; `number` is its number in the spreadsheet."""

    number: int
    cells: tuple[str, ...]


async def lines(content: bytes, sandbox: Sandbox) -> list[Line]:
    """The rows of the first sheet, the head first.

    Raises Refusal posts.import_file for what is no such file, posts.import_size for more than
    2,000 rows, `upload.…` for an archive that is not what it says.
    """
    if content.startswith(ARCHIVE):
        with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as copy:
            file.write(content)
            found = await sandbox.look(file, copy)
        if found.media_type != XLSX:
            raise no_table()
        rows: Iterable[Sequence[Any]] = sheet(content)
    else:
        rows = csv.reader(io.StringIO(text_of(content), newline=""), strict=True)
    return kept(rows)


def kept(rows: Iterable[Sequence[Any]]) -> list[Line]:
    """Rows with content, numbered from 1; Refusal posts.import_size or import_file."""
    found: list[Line] = []
    try:
        for number, row in enumerate(itertools.islice(rows, MOST_LOOKED_AT), start=1):
            cells = tuple(text(cell) for cell in row[:MOST_COLUMNS])
            if any(cells):
                found.append(Line(number, cells))
            if len(found) > MOST_ROWS + 1:
                raise invalid("posts.import_size", f"一次最多导入{MOST_ROWS}行，请分批导入。")
    except csv.Error as error:
        raise no_table() from error
    if len(found) < 2:
        raise invalid("posts.import_file", "表中没有数据行。")
    return found


def sheet(content: bytes) -> Iterator[Sequence[Any]]:
    """Values of the first sheet; formulas count by the value they were saved with."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        found = book.worksheets[0]
        found.reset_dimensions()  # what the sheet claims of its size is not believed
        yield from found.iter_rows(values_only=True, max_col=MOST_COLUMNS)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, SyntaxError) as error:
        raise no_table() from error


def text_of(content: bytes) -> str:
    """Text of a CSV file, without a mark of its byte order."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise no_table()


def text(cell: Any) -> str:
    """A cell as it is read: whole numbers without a point, days as YYYY-MM-DD."""
    match cell:
        case None:
            return ""
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
    return str(cell).strip()


def no_table() -> Exception:
    """Refusal 422: neither CSV nor XLSX."""
    return invalid(
        "posts.import_file", "文件无法读取，请使用 CSV（UTF-8 或 GB18030）或 XLSX 表格。"
    )
