"""Lists as CSV that spreadsheet programs open: with a mark of their encoding, without formulas."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from gateway.portal.filters import moment

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST = 2000
"""Rows of a list that is handed out at once."""


def neutral(cell: str) -> str:
    """A cell that no program takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def sheet(conditions: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The list; its first line says what was asked for and when."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([f"查询条件：{conditions}；导出时间：{moment(datetime.now(UTC))}"])
    writer.writerow(heads)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return (MARK + text.getvalue()).encode()
