"""A fact of a domain (dataclass) as the message of its contract: mapped by field name."""

from dataclasses import fields
from functools import cache
from typing import Any

from protobuf import Message

from kit.contracts import enum_of, facts


@cache
def message_class(package: str, name: str) -> type[Message]:
    """Class of the fact message; KeyError for a fact the contract does not know."""
    return facts()[f"{package}.{name}"]


@cache
def enums(package: str, name: str) -> dict[str, Any]:
    """Enum classes of a fact's fields, by field name."""
    fields = message_class(package, name).desc().fields
    return {field.local_name: enum.type for field in fields if (enum := enum_of(field))}


def message_of(fact: Any, package: str) -> Message:
    """The fact of a domain as a message; enum members by their short name, tuples as lists."""
    name = type(fact).__name__
    values = {found.name: getattr(fact, found.name) for found in fields(fact)}
    for field, enum in enums(package, name).items():
        values[field] = _members(enum, values[field])
    return message_class(package, name)(
        **{n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}
    )


def _members(enum: Any, value: str | tuple[str, ...]) -> Any:
    if isinstance(value, tuple):
        return [enum[name] for name in value]
    return enum[value or "UNSPECIFIED"]
