"""A form as it is declared: label, hint, control and order, once per field of a request.

    FORM = Form(
        UpdateDraftRequest,
        Field("form.name", "组织名称", hint="…"),
        Rows("form.principals", "负责人", (Field("name", "姓名"), Field("phone", "手机号码"))),
    )

Paths are those of the JSON mapping, so a violation of the contract or of a service finds its field by
name. A path that the contract does not know, or a type that nobody can type, stops the start.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from protobuf import DescField, DescFieldValueList, DescFieldValueMessage, DescMessage, Message

from gateway.portal.forms.rules import Rules, rules_for
from gateway.portal.forms.ways import Control, Way, control_for, way_of
from kit.contracts import ContractError

RESERVED = frozenset({"action", "method", "submit", "id", "name"})
"""Names of controls that would hide a property of the browser's form."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form. What is missing is told by the contract and the service, never here."""

    path: str
    label: str
    hint: str = ""
    control: Control | None = None
    """By the field's type where none is named."""
    choices: Mapping[str, str] | None = None
    """Code and word, where the contract has no enum for them."""
    optional: bool = False
    """Marked as such."""
    zero: str = ""
    """How a number that was not stated is shown."""
    initial: str = ""
    """What stands there before anything was stated."""
    unit: str = ""
    autocomplete: str = ""
    lines: Way | None = None
    """Reads a repeated message from lines, for a list that is typed or pasted as a whole."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A repeated message, a group of fields for each; rows come and go without scripts."""

    path: str
    label: str
    fields: tuple[Field, ...]
    least: int = 1
    """Rows that are shown at least."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A declared field, bound to its place in the message."""

    declared: Field
    name: str
    """Name of the control; of a row's field: behind the row's own name."""
    steps: tuple[DescField, ...]
    rules: Rules
    control: Control
    way: Way
    choices: tuple[tuple[str, str], ...]

    def get(self, message: Any) -> Any:
        """The value; None where a message on the way is absent."""
        for step in self.steps:
            message = None if message is None else getattr(message, step.local_name)
        return message

    def put(self, message: Any, value: object) -> None:
        """Set the value, making messages on the way."""
        put(message, self.steps, value)


@dataclass(frozen=True, slots=True)
class BoundRows:
    """Declared rows, bound to their place."""

    declared: Rows
    name: str
    steps: tuple[DescField, ...]
    rules: Rules
    kind: type[Message]
    fields: tuple[Bound, ...]


class Form:
    """A form over a request message, its items in the order they are shown."""

    def __init__(self, request: type[Message], *declared: Field | Rows) -> None:
        self.request = request
        self.items = tuple(bind(request.desc(), one) for one in declared)
        self.index: dict[str, Bound | BoundRows] = {}
        """Fields by path, those of rows as `form.principals[].phone`."""
        for item in self.items:
            self.index[item.declared.path] = item
            for one in item.fields if isinstance(item, BoundRows) else ():
                self.index[f"{item.name}[].{one.name}"] = one

    def fields(self) -> Iterator[Bound]:
        """Fields that stand alone."""
        return (item for item in self.items if isinstance(item, Bound))

    def rows(self) -> Iterator[BoundRows]:
        """Groups that repeat."""
        return (item for item in self.items if isinstance(item, BoundRows))


def bind(message: DescMessage, declared: Field | Rows) -> Bound | BoundRows:
    """A declaration bound to the contract."""
    if isinstance(declared, Field):
        name = f"{declared.path}_" if declared.path in RESERVED else declared.path
        return bound(message, declared, name)
    steps = walk(message, declared.path)
    value = steps[-1].value
    if not isinstance(value, DescFieldValueList) or not isinstance(value.element, DescMessage):
        raise ContractError(f"{message.type_name}.{declared.path} repeats no message")
    fields = tuple(bound(value.element, one, one.path) for one in declared.fields)
    kind: type[Message] = value.element.type
    return BoundRows(declared, declared.path, steps, rules_for(steps[-1]), kind, fields)


def bound(message: DescMessage, declared: Field, name: str) -> Bound:
    """A field bound to the contract."""
    steps = walk(message, declared.path)
    rules = rules_for(steps[-1])
    choices = tuple((declared.choices or {}).items()) or rules.choices
    control = declared.control or control_for(steps[-1], choices)
    codes = frozenset(code for code, _ in choices)
    way = declared.lines or way_of(steps[-1], control, codes, declared.zero)
    return Bound(declared, name, steps, rules, control, way, choices)


def walk(message: DescMessage, path: str) -> tuple[DescField, ...]:
    """The fields a JSON path leads over."""
    steps: list[DescField] = []
    at: DescMessage | None = message
    for name in path.split("."):
        found = next((one for one in at.fields if one.json_name == name), None) if at else None
        if found is None:
            raise ContractError(f"{message.type_name} has no field {path}")
        steps.append(found)
        at = found.value.message if isinstance(found.value, DescFieldValueMessage) else None
    return tuple(steps)


def put(message: Any, steps: tuple[DescField, ...], value: object) -> None:
    """Set a value, making messages on the way."""
    for step in steps[:-1]:
        assert isinstance(step.value, DescFieldValueMessage), "walk leads over messages only"
        inner = getattr(message, step.local_name)
        if inner is None:
            inner = step.value.message.type()
            setattr(message, step.local_name, inner)
        message = inner
    setattr(message, steps[-1].local_name, value)
