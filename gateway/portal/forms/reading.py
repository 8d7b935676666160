"""A posted form: typed texts become values of the message, and nothing that was typed is lost."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from protobuf import Message

from gateway.portal.forms.declared import Bound, BoundRows, Form, put
from gateway.portal.forms.faults import Faults, add_violation, home, in_row, of_form
from gateway.portal.forms.ways import Control
from gateway.portal.wording import about
from gateway.transcoding.validation import check
from kit.errors import Refusal

Texts = dict[str, tuple[str, ...]]
"""What stands in each control, by its name."""
ROWS_SHOWN = 500
"""Rows of one group that are read at most."""


@dataclass(frozen=True)
class Reading:
    """What was typed, the message it makes, and what could not be read."""

    texts: Texts
    message: Message
    faults: Faults


def read(form: Form, posted: Iterable[tuple[str, str]], base: Message) -> Reading:
    """Put what was posted over `base`; a text that cannot be read leaves the value as it was.

    The field rules of the contract are checked over the whole message.
    """
    given: dict[str, list[str]] = {}
    for name, text in posted:
        given.setdefault(name, []).append(text)
    texts, faults = texts_of_post(form, given), Faults()
    for field in form.fields():
        take(form, field, field.name, texts, base, faults)
    for rows in form.rows():
        made = [row(form, rows, at, texts, faults) for at in range(count(rows, texts))]
        put(base, rows.steps, made)
    judge(form, base, faults)
    return Reading(texts, base, faults)


def judge(form: Form, message: Message, faults: Faults) -> None:
    """The field rules of the contract, for the form's own fields and what could be read of them."""
    try:
        check(message)
    except Refusal as refusal:
        for violation in of_form(form, refusal.violations):
            if home(form, violation.field)[0] not in faults.by_name:
                add_violation(form, faults, violation, predicate=True)


def texts_of_post(form: Form, given: Mapping[str, Sequence[str]]) -> Texts:
    """Texts by control; rows that are as empty as a new one are left out and the others close up."""
    texts: Texts = {field.name: tuple(given.get(field.name, ())) for field in form.fields()}
    for rows in form.rows():
        for at, values in enumerate(filled(rows, given)):
            texts |= {row_name(rows, at, one): values[one.name] for one in rows.fields}
    return texts


def filled(rows: BoundRows, given: Mapping[str, Sequence[str]]) -> list[dict[str, tuple[str, ...]]]:
    """The texts of each row that holds something, in order."""
    pattern = re.compile(rf"{re.escape(rows.name)}\[(\d{{1,4}})\]\.")
    places = sorted({int(found[1]) for name in given if (found := pattern.match(name))})
    every = [
        {one.name: tuple(given.get(row_name(rows, at, one), ())) for one in rows.fields}
        for at in places[:ROWS_SHOWN]
    ]
    return [values for values in every if not is_new(rows, values)]


def is_new(rows: BoundRows, values: Mapping[str, tuple[str, ...]]) -> bool:
    """Nothing was typed into the row."""
    return all(
        "".join(values[one.name]).strip() in ("", "false", one.declared.initial)
        for one in rows.fields
    )


def row_name(rows: BoundRows, at: int, field: Bound) -> str:
    """Name of a control in a row."""
    return f"{rows.name}[{at}].{field.name}"


def count(rows: BoundRows, texts: Texts) -> int:
    """Rows that the texts hold."""
    first = rows.fields[0]
    return next(at for at in range(len(texts) + 1) if row_name(rows, at, first) not in texts)


def row(form: Form, rows: BoundRows, at: int, texts: Texts, faults: Faults) -> Message:
    """The message of one row."""
    message = rows.kind()
    for field in rows.fields:
        take(form, field, row_name(rows, at, field), texts, message, faults)
    return message


def take(
    form: Form, field: Bound, name: str, texts: Texts, message: Message, faults: Faults
) -> None:
    """Read one control into the message, or note why it cannot be read."""
    try:
        field.put(message, field.way.read(texts[name]))
    except ValueError as error:
        faults.add(name, f"{in_row(form, name)}{about(field.declared.label, str(error))}")


def texts_of(form: Form, message: Message) -> Texts:
    """What stands in the controls of a message that was read before."""
    texts: Texts = {}
    for field in form.fields():
        value = field.get(message)
        texts[field.name] = () if value is None else field.way.show(value)
    for rows in form.rows():
        for at, one in enumerate(held(rows, message)):
            texts |= {row_name(rows, at, f): f.way.show(f.get(one)) for f in rows.fields}
    return texts


def held(rows: BoundRows, message: Message) -> Sequence[Message]:
    """The rows a message holds."""
    found: object = message
    for step in rows.steps:
        found = () if found is None else getattr(found, step.local_name)
    return found or ()  # type: ignore[return-value]


def begun(form: Form, texts: Texts) -> Texts:
    """With what a form proposes where nothing was stated; a box, where nothing of the form was."""
    fresh = all(said(field, texts) == "" for field in form.fields())
    return texts | {
        field.name: (field.declared.initial,)
        for field in form.fields()
        if field.declared.initial
        and said(field, texts) == ""
        and (fresh or field.control is not Control.CHECKBOX)
    }


def said(field: Bound, texts: Texts) -> str:
    """What a person stated; an unticked box and the zero of a number are nothing."""
    text = "".join(texts[field.name])
    return "" if text in ("false", field.declared.zero) else text
