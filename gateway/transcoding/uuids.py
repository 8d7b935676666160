"""Ids have one spelling, so that a repeated request is seen as the same."""

from protobuf import DescField, Message

from proto.gen.buf.validate.validate_pb import StringRules, ext_field


def uuids_of(request: type[Message]) -> tuple[str, ...]:
    """Fields of a request whose rule asks for a UUID."""
    return tuple(field.local_name for field in request.desc().fields if is_uuid(field))


def lower(message: Message, uuids: tuple[str, ...]) -> None:
    """Write them in lower case."""
    for name in uuids:
        setattr(message, name, getattr(message, name).lower())


def is_uuid(field: DescField) -> bool:
    """The field's rule asks for a UUID."""
    options = field.proto.options
    if options is None or ext_field not in options:
        return False
    rules = options[ext_field].type
    return rules is not None and isinstance(rules.value, StringRules) and is_uuid_rule(rules.value)


def is_uuid_rule(rules: StringRules) -> bool:
    """The rule is `string.uuid`."""
    return rules.well_known is not None and rules.well_known.field == "uuid"
