"""Fields filled from the path and the query: texts become values by the type of the field."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from protobuf import (
    DescEnum,
    DescField,
    DescFieldValueEnum,
    DescFieldValueList,
    DescFieldValueMessage,
    DescFieldValueScalar,
    DescMessage,
    Message,
    ScalarType,
)

from kit.contracts import ContractError
from kit.errors import Kind, Refusal, Violation

INTEGER = re.compile(r"-?[0-9]{1,20}", re.ASCII)
SIGNED_32 = (ScalarType.INT32, ScalarType.SINT32, ScalarType.SFIXED32)
SIGNED_64 = (ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64)
UNSIGNED_32 = (ScalarType.UINT32, ScalarType.FIXED32)
UNSIGNED_64 = (ScalarType.UINT64, ScalarType.FIXED64)
RANGES = (
    dict.fromkeys(SIGNED_32, (-(2**31), 2**31 - 1))
    | dict.fromkeys(SIGNED_64, (-(2**63), 2**63 - 1))
    | dict.fromkeys(UNSIGNED_32, (0, 2**32 - 1))
    | dict.fromkeys(UNSIGNED_64, (0, 2**64 - 1))
)
WELL_KNOWN = ("google.protobuf.Timestamp", "google.protobuf.Duration")
NESTING = 3

Reader = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Place:
    """A field of a request, reached through its parents; reads texts into it."""

    name: str
    """JSON path, e.g. `page.size`."""
    steps: tuple[DescField, ...]
    parents: tuple[tuple[str, type[Message]], ...]
    """Attribute and class of every message on the way."""
    read: Reader
    repeated: bool

    def put(self, message: Message, texts: Sequence[str]) -> None:
        """Set the field; Refusal 400 for a text of another type or a second one."""
        if len(texts) > 1 and not self.repeated:
            raise bad_parameter(self.name, "api.repeated", "只能出现一次。")
        try:
            values = [self.read(text) for text in texts]
        except ValueError as error:
            raise bad_parameter(self.name, "api.type", "取值的类型不正确。") from error
        self._set(message, values if self.repeated else values[0])

    def _set(self, message: Message, value: object) -> None:
        for name, kind in self.parents:
            inner = getattr(message, name)
            if inner is None:
                inner = kind()
                setattr(message, name, inner)
            message = inner
        setattr(message, self.steps[-1].local_name, value)

    def get(self, message: Message) -> object:
        """The value; None where a parent is absent."""
        value: object = message
        for step in self.steps:
            value = None if value is None else getattr(value, step.local_name)
        return value


def bad_parameter(name: str, rule: str, sentence: str) -> Refusal:
    """400: a parameter of the address that cannot be read."""
    found = Violation(name, rule, sentence)
    return Refusal(Kind.MALFORMED, "api.bad_parameter", f"参数 {name} {sentence}", [found])


def read_string(text: str) -> str:
    """A text without U+0000, which no database stores."""
    if "\x00" in text:
        raise ValueError("U+0000")
    return text


def read_bool(text: str) -> bool:
    """`true` or `false`."""
    if text not in ("true", "false"):
        raise ValueError("not a boolean")
    return text == "true"


def integer_reader(kind: ScalarType) -> Reader:
    """Reader of an integer in the range of its type."""
    low, high = RANGES[kind]

    def read(text: str) -> int:
        if not INTEGER.fullmatch(text) or not low <= int(text) <= high:
            raise ValueError("not an integer in range")
        return int(text)

    return read


def enum_reader(enum: DescEnum) -> Reader:
    """Reader of an enum by full or short name (`FILING_STATE_DRAFT` or `DRAFT`)."""
    named = {value.name: enum.type(value.number) for value in enum.values}
    named |= {value.local_name: enum.type(value.number) for value in enum.values}

    def read(text: str) -> object:
        if text not in named:
            raise ValueError("not a value of the enum")
        return named[text]

    return read


def reader_of(element: ScalarType | DescEnum | DescMessage) -> Reader | None:
    """Reader for a type; None where a text cannot stand for it."""
    match element:
        case ScalarType.STRING:
            return read_string
        case ScalarType.BOOL:
            return read_bool
        case ScalarType() if element in RANGES:
            return integer_reader(element)
        case DescEnum():
            return enum_reader(element)
        case DescMessage() if element.type_name in WELL_KNOWN:
            return lambda text: element.type.from_json(json.dumps(text))
    return None


def element_of(field: DescField) -> ScalarType | DescEnum | DescMessage | None:
    """Type of a field or of its items; None for a map."""
    match field.value:
        case DescFieldValueScalar(scalar=element):
            return element
        case DescFieldValueEnum(enum=element):
            return element
        case DescFieldValueMessage(message=element):
            return element
        case DescFieldValueList(element=element):
            return element
    return None


def field_of(message: DescMessage, name: str) -> DescField | None:
    """Field by its name in the contract."""
    return next((field for field in message.fields if field.name == name), None)


def place_at(message: DescMessage, dotted: str) -> Place:
    """The place a path variable names; ContractError when there is none."""
    steps: list[DescField] = []
    at: object = message
    for name in dotted.split("."):
        field = field_of(at, name) if isinstance(at, DescMessage) else None
        if field is None:
            raise ContractError(f"{message.type_name} has no field {dotted}")
        steps.append(field)
        at = element_of(field)
    place = _place(tuple(steps))
    if place is None or place.repeated:
        raise ContractError(f"{message.type_name}.{dotted} cannot stand in a path")
    return place


def _place(steps: tuple[DescField, ...]) -> Place | None:
    field = steps[-1]
    element = element_of(field)
    read = None if element is None else reader_of(element)
    name = ".".join(step.json_name for step in steps)
    repeated = isinstance(field.value, DescFieldValueList)
    return None if read is None else Place(name, steps, parents_of(steps), read, repeated)


def parents_of(steps: tuple[DescField, ...]) -> tuple[tuple[str, type[Message]], ...]:
    """Attribute and class of the messages that lead to the last step."""
    return tuple(
        (step.local_name, step.value.message.type)
        for step in steps[:-1]
        if isinstance(step.value, DescFieldValueMessage)
    )


def places(message: DescMessage, parents: tuple[DescField, ...] = ()) -> Iterator[Place]:
    """Every place of a message that a query parameter may fill, nested ones included."""
    for field in message.fields:
        steps = (*parents, field)
        place = _place(steps)
        if place is not None:
            yield place
        elif isinstance(field.value, DescFieldValueMessage) and len(steps) < NESTING:
            yield from places(field.value.message, steps)
