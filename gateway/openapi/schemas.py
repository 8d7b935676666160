"""JSON Schemas of the messages, exactly as the JSON mapping emits and accepts them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from protobuf import (
    DescEnum,
    DescField,
    DescFieldValueEnum,
    DescFieldValueList,
    DescFieldValueMap,
    DescFieldValueMessage,
    DescFieldValueScalar,
    DescMessage,
    ScalarType,
)

from gateway.transcoding.bodies import camel
from gateway.transcoding.fields import SIGNED_64, UNSIGNED_64
from gateway.transcoding.validation import validator
from kit.contracts import comments
from proto.gen.buf.validate.validate_pb import EnumRules, FieldRules, RepeatedRules, ext_field

Schema = dict[str, Any]

WELL_KNOWN: Mapping[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$"},
}
LONG: Schema = {"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,19}$"}
UNSIGNED: Schema = {"type": "integer", "minimum": 0, "maximum": 2**32 - 1}
SCALARS: dict[ScalarType, Schema] = {
    ScalarType.STRING: {"type": "string"},
    ScalarType.BOOL: {"type": "boolean"},
    ScalarType.BYTES: {"type": "string", "format": "byte"},
    ScalarType.DOUBLE: {"type": "number"},
    ScalarType.FLOAT: {"type": "number"},
    ScalarType.UINT32: UNSIGNED,
    ScalarType.FIXED32: UNSIGNED,
    **dict.fromkeys((*SIGNED_64, *UNSIGNED_64), LONG),
}
INTEGER: Schema = {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}
KEYWORDS = {
    "min_len": "minLength",
    "max_len": "maxLength",
    "pattern": "pattern",
    "gte": "minimum",
    "lte": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
    "min_items": "minItems",
    "max_items": "maxItems",
}


def component_name(type_name: str) -> str:
    """Name of a component: the full name without the house's prefix."""
    return type_name.removeprefix("minzheng.")


@dataclass
class Schemas:
    """Components met while the document is written."""

    components: dict[str, Schema] = field(default_factory=dict)

    def message(self, message: DescMessage) -> Schema:
        """Reference to the schema of a message."""
        if message.type_name in WELL_KNOWN:
            return dict(WELL_KNOWN[message.type_name])
        name = component_name(message.type_name)
        if name not in self.components:
            self.components[name] = {}
            self.components[name] = self.object_of(message)
        return {"$ref": f"#/components/schemas/{name}"}

    def object_of(self, message: DescMessage, without: frozenset[str] = frozenset()) -> Schema:
        """Schema of a message, without the fields that path and headers carry."""
        shown = [one for one in message.fields if one.name not in without]
        schema: Schema = {
            "type": "object",
            "properties": {one.json_name: self.field(one) for one in shown},
            "additionalProperties": False,
        } | described(message.type_name)
        required = [one.json_name for one in shown if one.json_name in required_of(message)]
        return schema | ({"required": required} if required else {})

    def enum(self, enum: DescEnum) -> Schema:
        """Reference to the schema of an enum."""
        name = component_name(enum.type_name)
        self.components[name] = {
            "type": "string",
            "enum": [value.name for value in enum.values],
            "description": "\n".join(
                [comments().get(enum.type_name, ""), *map(meaning, enum.values)]
            ),
        }
        return {"$ref": f"#/components/schemas/{name}"}

    def field(self, one: DescField) -> Schema:
        """Schema of a field with its comment and rules."""
        rules = rules_of(one)
        match one.value:
            case DescFieldValueList(element=element):
                schema: Schema = {"type": "array", "items": self.element(element, items_of(rules))}
                schema |= constraints(rules)
            case DescFieldValueMap(value=element):
                schema = {"type": "object", "additionalProperties": self.element(element, None)}
            case DescFieldValueMessage(message=message):
                schema = self.message(message)
            case DescFieldValueEnum(enum=enum):
                schema = self.element(enum, rules)
            case DescFieldValueScalar(scalar=scalar):
                schema = self.element(scalar, rules)
        return schema | described(f"{one.parent.type_name}.{one.name}")

    def element(
        self, element: ScalarType | DescEnum | DescMessage, rules: FieldRules | None
    ) -> Schema:
        """Schema of a value under its rules."""
        match element:
            case DescEnum():
                return limited(element, rules) or self.enum(element)
            case DescMessage():
                return self.message(element)
        schema = dict(SCALARS.get(element, INTEGER))
        return schema if schema.get("format") == "int64" else schema | constraints(rules)


def described(name: str) -> Schema:
    """The comment of an element."""
    text = comments().get(name, "")
    return {"description": text} if text else {}


def meaning(value: Any) -> str:
    """A line on an enum value."""
    return f"- `{value.name}` {comments().get(f'{value.parent.type_name}.{value.name}', '')}"


def limited(enum: DescEnum, rules: FieldRules | None) -> Schema | None:
    """Schema of an enum where a rule leaves only some values."""
    stated = rules.type.value if rules is not None and rules.type is not None else None
    if not isinstance(stated, EnumRules) or not (stated.in_ or stated.not_in):
        return None
    left = [
        value.name
        for value in enum.values
        if (not stated.in_ or value.number in stated.in_) and value.number not in stated.not_in
    ]
    return {"type": "string", "enum": left}


def rules_of(one: DescField) -> FieldRules | None:
    """The rules of a field."""
    options = one.proto.options
    return options[ext_field] if options is not None and ext_field in options else None


def items_of(rules: FieldRules | None) -> FieldRules | None:
    """The rules of the items of a repeated field."""
    stated = rules.type.value if rules is not None and rules.type is not None else None
    return stated.items if isinstance(stated, RepeatedRules) else None


def constraints(rules: FieldRules | None) -> Schema:
    """Keywords for what the rules state."""
    if rules is None or rules.type is None:
        return {}
    stated, found = rules.type.value, dict[str, Any]()
    for rule, value in stated_of(stated):
        if rule in KEYWORDS:
            found[KEYWORDS[rule]] = value
        elif rule == "uuid" and value:
            found |= {"format": "uuid"}
        elif rule == "unique" and value:
            found |= {"uniqueItems": True}
    return found


def stated_of(rules: Any) -> list[tuple[str, Any]]:
    """Rules that are set, by name."""
    return [(one.name, rules[one]) for one in rules]


def required_of(message: DescMessage) -> frozenset[str]:
    """JSON names of the fields that an empty message breaks a rule by."""
    paths = (broken.proto.field for broken in validator.collect_violations(message.type()))
    return frozenset(
        camel(path.elements[0].field_name)
        for path in paths
        if path is not None and len(path.elements) == 1
    )
