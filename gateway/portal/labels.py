"""Rows of a table that can stand as cards: every cell says which column it is of."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

Head = str | tuple[str, str]
ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
CELL = re.compile(r"<t(?P<kind>[dh])\b(?P<rest>[^>]*)>(?P<inside>.*?)(?=</t[dh]>)", re.DOTALL)
NOTHING = {"", "–", "—"}


def labelled(rows: Markup, heads: Sequence[Head]) -> Markup:
    """The rows with the words of its column at each cell (`data-of`), its head left out.

    What holds nothing is marked (`data-blank`); what spans columns speaks for itself.
    """
    words = [one if isinstance(one, str) else one[0] for one in heads]
    return Markup(ROW.sub(lambda row: _row(row[0], words), rows))  # noqa: S704


def _row(row: str, words: Sequence[str]) -> str:
    labels = iter(words)
    return CELL.sub(lambda cell: _cell(cell, next(labels, "")), row)


def _cell(cell: re.Match[str], label: str) -> str:
    kind, rest, inside = cell["kind"], cell["rest"], cell["inside"]
    if kind == "h" or "colspan" in rest or not label:
        return cell[0]
    blank = " data-blank" if inside.strip() in NOTHING else ""
    return f'<td data-of="{escape(label)}"{blank}{rest}>{inside}'
