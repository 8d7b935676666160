"""One REST operation: JSON in, message, field rules, call, message, JSON out.

Everything an operation needs is compiled once at start; the content never becomes a dictionary.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from protobuf import Message
from starlette.requests import Request
from starlette.responses import Response

from gateway.calling import Caller, Calls, forward
from gateway.downloads import download
from gateway.transcoding import headers
from gateway.transcoding.bodies import malformed, parse, read_body
from gateway.transcoding.fields import Place, bad_parameter
from gateway.transcoding.template import Template
from gateway.transcoding.uuids import lower
from gateway.transcoding.validation import check
from kit.contracts import Rpc
from kit.errors import Kind, Refusal
from proto.gen.minzheng.common.v1.file_pb import FileContent

MAX_PARAMETERS = 100


@dataclass(frozen=True, slots=True)
class Operation:
    """A method and path bound to an RPC."""

    rpc: Rpc
    method: str
    template: Template
    path: Mapping[str, Place]
    query: Mapping[str, Place]
    body: str
    """`*`, the name of a message field, or empty."""
    body_kind: type[Message] | None
    keyed: bool
    """The request carries `request_id`."""
    versioned: bool
    """The request carries `version`."""
    uuids: tuple[str, ...]
    version_of: Callable[[Any], int | None] | None
    """Reads the version of an answer; None where answers have none."""
    part: str
    """Field of the answer that is the body; empty for the whole answer."""
    answer_kind: type[Message]

    async def answer(self, request: Request, caller: Caller, services: Calls) -> Response:
        """The whole way of a call."""
        message = await self.message_of(request)
        check(message)
        lower(message, self.uuids)
        answer = await forward(request, self.rpc, message, caller, services)
        return self.response_of(request, answer)

    async def message_of(self, request: Request) -> Message:
        """The request message: body, then query, path and headers."""
        message = self.from_body(await read_body(request) if self.body else b"")
        self.add_query(message, request.scope["query_string"])
        self.add_path(message, request.path_params)
        self.add_headers(message, request)
        return message

    def from_body(self, body: bytes) -> Message:
        """A message of the body; an empty body states nothing."""
        if self.body_kind is None or not body:
            return self.rpc.request()
        if self.body == "*":
            return parse(self.body_kind, body)
        return self.rpc.request(**{self.body: parse(self.body_kind, body)})

    def add_query(self, message: Message, query: bytes) -> None:
        """Fill the fields that query parameters name."""
        if not query:
            return
        given: dict[str, list[str]] = {}
        for name, text in read_query(query):
            given.setdefault(name, []).append(text)
        for name, texts in given.items():
            place = self.query.get(name)
            if place is None:
                raise Refusal(Kind.MALFORMED, "api.unknown_parameter", "请求地址中有未知的参数。")
            place.put(message, texts)

    def add_path(self, message: Message, given: Mapping[str, str]) -> None:
        """Fill the fields of the path; a body that names another object is refused."""
        for name, place in self.path.items():
            stated = place.get(message)
            place.put(message, (given[name],))
            if stated and stated != place.get(message):
                raise malformed(f"字段 {place.name} 与请求地址不一致。")

    def add_headers(self, message: Any, request: Request) -> None:
        """Fill `request_id` and `version`; every change needs its key."""
        version = None
        if self.method != "GET":
            version = headers.version(request.headers.get("if-match"))
        if version is not None and not self.versioned:
            raise Refusal(Kind.MALFORMED, "api.bad_if_match", "该接口不支持请求头 If-Match。")
        if version is not None:
            set_once(message, "version", version)
        if self.keyed:
            key = headers.request_id(request.headers.get(headers.KEY))
            if key is not None:
                set_once(message, "request_id", key)
            elif not message.request_id:
                raise headers.key_missing()

    def response_of(self, request: Request, answer: Message) -> Response:
        """JSON of the answer with its ETag; 304 where the caller has it already."""
        known = {"Cache-Control": "no-store"}
        version = self.version_of(answer) if self.version_of else None
        if version is not None:
            known["ETag"] = headers.etag(version)
            if self.method == "GET" and headers.matches(
                request.headers.get("if-none-match"), known["ETag"]
            ):
                return Response(status_code=304, headers=known)
        shown = getattr(answer, self.part) if self.part else answer
        if isinstance(shown, FileContent):
            return download(shown)
        content = shown.to_json(always_emit_implicit=True).encode()
        return Response(content, headers=known, media_type="application/json")


def set_once(message: Any, name: str, value: object) -> None:
    """Set a header's field; a body that states another value is refused."""
    stated = getattr(message, name)
    if stated and str(stated).lower() != str(value):
        raise malformed(f"字段 {name} 与请求头不一致。")
    setattr(message, name, value)


def read_query(query: bytes) -> list[tuple[str, str]]:
    """Names and texts; Refusal 400 for too many or for what is not UTF-8."""
    try:
        return parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except ValueError as error:
        raise bad_parameter("", "api.type", "无法读取。") from error
