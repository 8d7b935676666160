"""From typed texts to the value of a field and back, one way for each kind of control."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from protobuf import DescEnum, DescField, DescFieldValueList, DescMessage, ScalarType

from gateway.portal.forms import cleaning
from gateway.transcoding.fields import RANGES, element_of, enum_reader
from kit.contracts import ContractError


class Control(StrEnum):
    """How a field is shown; the names of the input macros."""

    TEXT = "text"
    TEXTAREA = "textarea"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    SELECT = "select"
    RADIO = "radio"
    CHECKBOX = "checkbox"
    CHECKBOXES = "checkboxes"
    PHONE = "phone"
    IDENTITY = "identity"
    CREDIT = "credit"
    CODE = "code"
    LINES = "lines"


CLEANERS: Mapping[Control, Callable[[str], str]] = {
    Control.TEXT: cleaning.line,
    Control.TEXTAREA: cleaning.paragraphs,
    Control.DATE: cleaning.day,
    Control.PHONE: cleaning.code,
    Control.IDENTITY: cleaning.identity,
    Control.CREDIT: cleaning.credit,
    Control.CODE: cleaning.code,
    Control.SELECT: cleaning.code,
    Control.RADIO: cleaning.code,
}
FEW = 5
"""Choices up to which radio buttons are shown instead of a list."""
NOT_LISTED = "请从列出的选项中选择。"


@dataclass(frozen=True, slots=True)
class Way:
    """Reads the texts of a control (ValueError: a Chinese predicate) and shows a value as texts."""

    read: Callable[[Sequence[str]], Any]
    show: Callable[[Any], tuple[str, ...]]


def control_for(field: DescField, choices: Sequence[tuple[str, str]]) -> Control:
    """The control of a field that declares none."""
    element = element_of(field)
    if isinstance(field.value, DescFieldValueList):
        return Control.LINES if isinstance(element, DescMessage) else Control.CHECKBOXES
    if element is ScalarType.BOOL:
        return Control.CHECKBOX
    if choices:
        return Control.RADIO if len(choices) <= FEW else Control.SELECT
    return Control.NUMBER if element in RANGES else Control.TEXT


def way_of(field: DescField, control: Control, open_values: frozenset[str], zero: str) -> Way:
    """The way of a field; ContractError where a text cannot stand for it."""
    element = element_of(field)
    if control is Control.CHECKBOXES:
        one = chosen(element, open_values)
        return Way(
            lambda texts: [one.read([text]) for text in texts], lambda held: held_by(one, held)
        )
    if element is ScalarType.BOOL:
        return Way(yes, lambda value: ("true",) if value else ("false",))
    if isinstance(element, DescEnum) or open_values:
        return chosen(element, open_values)
    if element in RANGES:
        return number(control, zero)
    if element is ScalarType.STRING:
        return texts_way(CLEANERS[control])
    raise ContractError(f"{field.parent.type_name}.{field.name} cannot be typed")


def held_by(one: Way, held: Sequence[Any]) -> tuple[str, ...]:
    """Texts of a repeated field."""
    return tuple(text for value in held for text in one.show(value))


def chosen(element: object, open_values: frozenset[str]) -> Way:
    """One of a list: an enum by its short name, or a code of a dictionary. Nothing chosen is the zero value."""
    of = enum_reader(element) if isinstance(element, DescEnum) else cleaning.line
    none: object = element.type(0) if isinstance(element, DescEnum) else ""

    def read(texts: Sequence[str]) -> object:
        text = only(texts)
        if text and text not in open_values:
            raise ValueError(NOT_LISTED)
        return of(text) if text else none

    def show(value: Any) -> tuple[str, ...]:
        text = short(element, value) if isinstance(element, DescEnum) else value
        return (text,) if text and value != none else ()

    return Way(read, show)


def short(enum: DescEnum, value: Any) -> str:
    """Short name of an enum's value; empty for one that this release does not know."""
    return next((one.local_name for one in enum.values if one.number == int(value)), "")


def yes(texts: Sequence[str]) -> bool:
    """A ticked box, or the answer 是; nothing is no."""
    text = only(texts)
    if text not in ("", "true", "false"):
        raise ValueError(NOT_LISTED)
    return text == "true"


def number(control: Control, zero: str) -> Way:
    """A whole number, or money typed in yuan and kept in fen; `zero` is how none is shown."""
    read, show = (
        (cleaning.fen, cleaning.yuan) if control is Control.MONEY else (cleaning.integer, str)
    )
    return Way(lambda texts: read(only(texts)), lambda value: (show(value) if value else zero,))


def texts_way(clean: Callable[[str], str]) -> Way:
    """A text."""
    return Way(lambda texts: clean(only(texts)), lambda value: (value,))


def only(texts: Sequence[str]) -> str:
    """The one text of a control; empty where it was left out."""
    if len(texts) > 1:
        raise ValueError("只能填写一项。")
    return texts[0] if texts else ""
