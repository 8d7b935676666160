"""Compiles an http rule of a contract into an operation, once at start."""

from collections.abc import Callable, Mapping
from typing import Any

from protobuf import DescField, DescFieldValueMessage, DescFieldValueScalar, Message, ScalarType

from gateway.transcoding.fields import Place, field_of, place_at, places
from gateway.transcoding.operation import Operation
from gateway.transcoding.template import binding_of
from gateway.transcoding.uuids import uuids_of
from gateway.transcoding.validation import warm
from kit.contracts import ContractError, Rpc
from proto.gen.google.api.http_pb import HttpRule

HEADER_FIELDS = ("request_id", "version")
"""Fields that headers carry, never the query."""


def compile_operation(rpc: Rpc, rule: HttpRule) -> Operation:
    """An operation of a rule; ContractError where rule and messages do not fit."""
    method, template = binding_of(rule)
    fields = {field.name: field for field in rpc.request.desc().fields}
    part, answer_kind = part_of(rpc, rule.response_body)
    path = {key: place_at(rpc.request.desc(), name) for key, name in template.variables.items()}
    warm(rpc.request)
    return Operation(
        rpc=rpc,
        method=method,
        template=template,
        path=path,
        query={} if rule.body == "*" else query_of(rpc, rule.body, path),
        body=rule.body,
        body_kind=body_kind(rpc, rule.body),
        keyed="request_id" in fields,
        versioned=is_version(fields.get("version")),
        uuids=uuids_of(rpc.request),
        version_of=version_reader(rpc.response),
        part=part,
        answer_kind=answer_kind,
    )


def query_of(rpc: Rpc, body: str, path: Mapping[str, Place]) -> dict[str, Place]:
    """Places of the query by JSON name and by contract name: what path, body and headers leave."""
    taken = {place.name for place in path.values()}
    found = {}
    for place in places(rpc.request.desc()):
        first = place.steps[0].name
        if place.name not in taken and first != body and first not in HEADER_FIELDS:
            found[place.name] = place
            found[".".join(step.name for step in place.steps)] = place
    return found


def body_kind(rpc: Rpc, body: str) -> type[Message] | None:
    """Class that a body is parsed as."""
    if body in ("", "*"):
        return rpc.request if body else None
    field = field_of(rpc.request.desc(), body)
    if field is None or not isinstance(field.value, DescFieldValueMessage):
        raise ContractError(f"{rpc.id}: body {body} is no message field")
    return field.value.message.type


def part_of(rpc: Rpc, name: str) -> tuple[str, type[Message]]:
    """The message field an answer is reduced to and its class; the whole answer without a name."""
    if not name:
        return "", rpc.response
    field = field_of(rpc.response.desc(), name)
    if field is None or not isinstance(field.value, DescFieldValueMessage):
        raise ContractError(f"{rpc.id}: response_body {name} is no message field")
    return field.local_name, field.value.message.type


def is_version(field: DescField | None) -> bool:
    """The field is the version of a thing (a number; texts are versions of something else)."""
    return (
        field is not None
        and isinstance(field.value, DescFieldValueScalar)
        and field.value.scalar is ScalarType.INT32
    )


def version_reader(response: type[Message]) -> Callable[[Any], int | None] | None:
    """Reads the version of an answer: its own, or that of its first field (`filing`)."""
    fields = response.desc().fields
    if is_version(field_of(response.desc(), "version")):
        return lambda answer: answer.version
    if fields and isinstance(fields[0].value, DescFieldValueMessage):
        name, inner = fields[0].local_name, fields[0].value.message
        if is_version(field_of(inner, "version")):
            return lambda answer: getattr(getattr(answer, name), "version", None)
    return None
