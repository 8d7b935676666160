"""Rows of a form that come and go: by a button of the form itself, so also without scripts."""

import re
from collections.abc import Iterable

from gateway.portal.forms.declared import BoundRows, Form
from gateway.portal.forms.reading import Texts, count, row_name, texts_of_post

BUTTON = "rows"
"""Name of the buttons; their values are `add <rows>` and `drop <rows>[n]`."""
ORDER = re.compile(r"(add|drop) ([\w.]{1,100})(?:\[(\d{1,4})\])?", re.ASCII)


def changed(form: Form, posted: Iterable[tuple[str, str]]) -> tuple[Texts, str] | None:
    """The texts after a row was added or dropped and the control to go on at; None without such a button.

    A new row is the only empty one: those that were left empty close up first.
    """
    given: dict[str, list[str]] = {}
    for name, text in posted:
        given.setdefault(name, []).append(text)
    order = ORDER.fullmatch((given.get(BUTTON) or [""])[0])
    rows = next((one for one in form.rows() if order and one.name == order[2]), None)
    if order is None or rows is None:
        return None
    texts = texts_of_post(form, given)
    if order[1] == "add":
        return grown(rows, texts)
    return without(rows, texts, int(order[3] or 0))


def grown(rows: BoundRows, texts: Texts) -> tuple[Texts, str]:
    """One more row, as a new one is."""
    at = count(rows, texts)
    if rows.rules.most is not None and at >= rows.rules.most:
        return texts, row_name(rows, at - 1, rows.fields[0])
    return texts | new_row(rows, at), row_name(rows, at, rows.fields[0])


def without(rows: BoundRows, texts: Texts, gone: int) -> tuple[Texts, str]:
    """Without one row; those behind it move up."""
    left: Texts = {
        name: held for name, held in texts.items() if not name.startswith(f"{rows.name}[")
    }
    kept = [at for at in range(count(rows, texts)) if at != gone]
    for place, at in enumerate(kept):
        left |= {row_name(rows, place, one): texts[row_name(rows, at, one)] for one in rows.fields}
    return left, row_name(rows, max(0, min(gone, len(kept) - 1)), rows.fields[0])


def new_row(rows: BoundRows, at: int) -> Texts:
    """What stands in a new row."""
    return {
        row_name(rows, at, one): (one.declared.initial,) if one.declared.initial else ()
        for one in rows.fields
    }
