"""A form as it was filled in, to be read over: label and words, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass

from protobuf import Message

from gateway.portal.forms.declared import Bound, Form
from gateway.portal.forms.reading import Texts, count, row_name, texts_of
from gateway.portal.forms.ways import Control
from gateway.portal.language import gettext as _


@dataclass(frozen=True, slots=True)
class Answer:
    """A line: the control it comes from, what was asked, what was answered."""

    name: str
    label: str
    text: str


def answers(form: Form, message: Message) -> list[Answer]:
    """Every field of a form with what the message holds, rows one after another."""
    texts = texts_of(form, message)
    found = [answer(field, field.name, texts, "") for field in form.fields()]
    for rows in form.rows():
        for at in range(count(rows, texts)):
            before = f"{_(rows.declared.label)} {at + 1} · "
            found += [answer(one, row_name(rows, at, one), texts, before) for one in rows.fields]
    return found


def answer(field: Bound, name: str, texts: Texts, before: str) -> Answer:
    """One line."""
    return Answer(name, f"{before}{_(field.declared.label)}", words(field, texts[name]))


def words(field: Bound, held: Sequence[str]) -> str:
    """What a person reads: the words of choices, numbers with their unit."""
    if field.control is Control.CHECKBOX:
        return _("是") if held == ("true",) else _("否")
    if field.control is Control.LINES:
        return _("、").join(line for text in held for line in text.splitlines())
    known = dict(field.choices)
    text = _("、").join(_(known[one]) if one in known else one for one in held if one)
    unit = _("元") if field.control is Control.MONEY else field.declared.unit
    return f"{text} {_(unit)}" if text and unit else text


def differing(form: Form, message: Message, texts: Texts) -> list[tuple[str, str, str]]:
    """Label, what is stored and what was typed, of every control where the two differ."""
    stored = texts_of(form, message)
    found = []
    for field in form.fields():
        before, after = words(field, stored[field.name]), words(field, texts.get(field.name, ()))
        if before != after:
            found.append((_(field.declared.label), before, after))
    for rows in form.rows():
        for at in range(max(count(rows, stored), count(rows, texts))):
            for one in rows.fields:
                name = row_name(rows, at, one)
                before, after = words(one, stored.get(name, ())), words(one, texts.get(name, ()))
                if before != after:
                    label = f"{_(rows.declared.label)} {at + 1} · {_(one.declared.label)}"
                    found.append((label, before, after))
    return found
