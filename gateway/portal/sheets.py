"""A list as CSV whose first line says what was asked for and when."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from gateway.portal.filters import moment
from kit.sheets import Csv

MOST = 2000
"""Rows of a list that is handed out at once."""


def sheet(conditions: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The list."""
    made = Csv()
    made.add([[f"查询条件：{conditions}；导出时间：{moment(datetime.now(UTC))}"], heads])
    made.add(rows)
    return made.content()
