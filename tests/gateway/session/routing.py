"""Every address under `/api/v1` with a call, valid by its contract as far as the ids alone make it so."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from protobuf import Message

from gateway.transcoding.binding import compile_operation
from gateway.transcoding.bodies import camel
from gateway.transcoding.operation import Operation
from kit.contracts import Rpc, rpcs
from kit.ids import uuid7
from tests.access.conftest import request_for
from tests.stories.people import PDF


@dataclass(frozen=True)
class Call:
    """A call."""

    method: str
    path: str
    content: bytes = b""
    media_type: str = "application/json"


def calls() -> Iterator[Call]:
    """One of every operation, the written-by-hand ones too."""
    for rpc in rpcs():
        for rule in rpc.routes:
            yield call_of(rpc, compile_operation(rpc, rule))
    yield Call("POST", "/api/v1/uploads", PDF, "application/pdf")
    yield Call("GET", f"/api/v1/files/{uuid7()}")
    yield Call("GET", "/api/v1/session")


def call_of(rpc: Rpc, operation: Operation) -> Call:
    """A call of an operation."""
    request = rpc.request.from_binary(request_for(rpc, str(uuid7())))
    path = operation.template.text
    for name in operation.template.variables.values():
        path = path.replace(f"{{{name}}}", text_of(request, name))
    return Call(operation.method, path, content_of(operation, request))


def text_of(request: Message, name: str) -> str:
    """A value for a variable of a path."""
    known = {"code": "MATERIAL_CODE_B02", "key": "FIL.DECIDE_WD"}
    return known.get(name) or str(getattr(request, name) or uuid7())


def content_of(operation: Operation, request: Message) -> bytes:
    """The body without what path and headers say."""
    if not operation.body:
        return b""
    fields: dict[str, Any] = json.loads(request.to_json())
    told = fields if operation.body == "*" else fields.get(operation.body, {})
    for name in (*operation.template.variables.values(), "request_id", "version"):
        told.pop(camel(name), None)
    return json.dumps(told).encode()
