"""What happens to every RPC before its room: span, caller, function, rules of the contract.

Whatever is not a `Refusal` leaves as INTERNAL with a trace id and no text.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import grpc
import protovalidate
from grpc.aio import ServerInterceptor, ServicerContext
from opentelemetry import trace
from protobuf import Message

from kit import access, floors
from kit.call import Call, enter
from kit.contracts import Rpc, rpc_by_path
from kit.crash import point
from kit.database import AWAY
from kit.errors import Kind, Refusal, Violation, invalid
from kit.identity import Caller, Verifier, unauthenticated
from kit.recent import Recent
from kit.telemetry import context_of, metrics, span
from kit.unit import Unit
from proto.gen.minzheng.common.v1.problem_pb import FieldViolation, Problem

PROBLEM = "minzheng-problem-bin"
log = logging.getLogger(__name__)
OURS = (Kind.INTERNAL, Kind.UNAVAILABLE, Kind.DEADLINE)
"""Kinds of refusal that are our own fault."""
Room = Callable[[Message, ServicerContext], Awaitable[Message]]


@dataclass(frozen=True, slots=True)
class Refused:
    """How a call ends that is not answered; holds nothing of the call."""

    status: grpc.StatusCode
    problem: bytes = b""
    """A Problem in protobuf binary, empty where the transport refuses."""
    code: str = ""


class Door(ServerInterceptor):  # type: ignore[misc]
    """The interceptor; handlers are wrapped once a method."""

    def __init__(
        self,
        verifier: Verifier,
        unit: Unit,
        lowest: Mapping[str, int] = MappingProxyType({}),
        recent: Recent | None = None,
    ) -> None:
        self.verifier = verifier
        self.unit = unit
        self.lowest = lowest
        self.recent = recent or Recent()
        self.wrapped: dict[str, Any] = {}

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        """Wrap our own methods; health, reflection and the carrier pass."""
        handler = await continuation(details)
        rpc = rpc_by_path().get(details.method)
        if rpc is None or handler is None:
            return handler
        if rpc.path not in self.wrapped:
            self.wrapped[rpc.path] = self._wrap(rpc, handler.unary_unary)
        return self.wrapped[rpc.path]

    def _wrap(self, rpc: Rpc, room: Room) -> Any:
        async def handle(body: bytes, context: ServicerContext) -> bytes:
            headers = {k: v for k, v in context.invocation_metadata() if isinstance(v, str)}
            timed = context.time_remaining() is not None
            outcome = await self.answer(rpc, room, body, headers, timed=timed)
            if isinstance(outcome, bytes):
                return outcome
            # grpc keeps what abort raises, with all it leads to, until the collector comes by.
            del body
            context.set_trailing_metadata(((PROBLEM, outcome.problem),))
            await context.abort(outcome.status, outcome.code)
            raise AssertionError("abort always raises")

        return grpc.unary_unary_rpc_method_handler(handle)

    async def answer(
        self, rpc: Rpc, room: Room, body: bytes, headers: Mapping[str, str], *, timed: bool
    ) -> bytes | Refused:
        """The one way of every call, unary or carried: the answer's bytes, or how it was refused.

        `timed`: the caller named a deadline; holding it is up to the transport.
        """
        began, ended = time.monotonic(), metrics.FAILED
        above = context_of(headers)
        with span(f"{rpc.service}/{rpc.name}", trace.SpanKind.SERVER, above) as running:
            try:
                outcome = await self._serve(rpc, room, body, headers, timed=timed)
                ended = metrics.OK
                return outcome
            except Exception as error:
                answer, failed = told(error, running)
                ended = metrics.FAILED if failed else metrics.REFUSED
                return answer
            finally:
                # Also what was cut off at its deadline.
                seconds = time.monotonic() - began
                self.recent.note(seconds, failed=ended == metrics.FAILED)
                name = f"{rpc.service}/{rpc.name}"
                metrics.rpc.record(seconds, metrics.labels(self.verifier.service, name, ended))

    async def _serve(
        self, rpc: Rpc, room: Room, body: bytes, headers: Mapping[str, str], *, timed: bool
    ) -> bytes:
        who = self._caller(rpc, body, headers)
        enter(Call(who, rpc.path, rpc.access))
        if not access.may_call(rpc.access, who.role):
            refusal = access.no_function(rpc.access)
            if rpc.changes:
                await self.unit.refused(refusal, "")
            raise refusal
        if not timed:
            raise Refusal(Kind.MALFORMED, "common.deadline_missing", "调用应当给出期限。")
        request = parse(rpc, body)
        # A room sees the message alone: how it came is no matter of the room's.
        answer = await room(request, None)
        if rpc.changes:
            point(rpc.workload, "after_commit")
        return answer.to_binary()

    def _caller(self, rpc: Rpc, body: bytes, headers: Mapping[str, str]) -> Caller:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise unauthenticated()
        who = self.verifier.verify(token, path=rpc.path, body=body, fresh=rpc.access.fresh)
        if who.grants_version < self.lowest.get(who.subject, 0):
            raise floors.stale()
        return who


def parse(rpc: Rpc, body: bytes) -> Message:
    """The request message, held to the rules of its contract."""
    try:
        request = rpc.request.from_binary(body)
    except (ValueError, RecursionError) as error:
        raise malformed() from error
    # No database stores U+0000; most bodies have no zero byte, so few are walked.
    if b"\x00" in body and holds_nul(request):
        raise malformed()
    broken = protovalidate.collect_violations(request)
    if broken:
        raise invalid(
            "common.invalid",
            "请求内容不符合要求。",
            *(
                Violation(field_path(found), found.proto.rule_id, found.proto.message)
                for found in broken
            ),
        )
    return request


def malformed() -> Refusal:
    """The body is no message of the contract."""
    return Refusal(Kind.MALFORMED, "common.malformed", "请求内容无法解析。")


def holds_nul(value: object) -> bool:
    """Some text inside has U+0000."""
    match value:
        case str():
            return "\x00" in value
        case list():
            return any(map(holds_nul, value))
        case Message():
            names = (field.local_name for field in type(value).desc().fields)
            return any(holds_nul(getattr(value, name)) for name in names)
    return False


def field_path(violation: Any) -> str:
    """Path of the field a violation names, e.g. members[3].name."""
    text = ""
    for element in violation.proto.field.elements if violation.proto.field else ():
        text += ("." if text else "") + element.field_name
        if element.subscript and element.subscript.field == "index":
            text += f"[{element.subscript.value}]"
    return text


def told(error: Exception, span: trace.Span) -> tuple["Refused", bool]:
    """The answer to what was raised, and whether it is our own fault.

    A frame of its own: an error kept beside its traceback would keep the request with it.
    """
    refusal = as_refusal(error)
    return refused(refusal, span), refusal.kind in OURS


def as_refusal(error: Exception) -> Refusal:
    """A refusal as it is; a database that is away, or INTERNAL without text for anything else."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, AWAY):
        log.warning("database away: %s", type(error).__name__)
        return Refusal(Kind.UNAVAILABLE, "common.unavailable", "服务暂不可用，请稍后重试。")
    log.error("unexpected error", exc_info=error)
    return Refusal(Kind.INTERNAL, "common.internal", "系统内部错误，请稍后重试或联系管理员。")


def refused(refusal: Refusal, running: trace.Span) -> Refused:
    """The refusal as the caller gets it; the running span is marked."""
    running.set_attribute("minzheng.refusal", refusal.code)
    running.set_status(trace.StatusCode.ERROR)
    span = running.get_span_context()
    problem = Problem(
        code=refusal.code,
        kind=refusal.kind.wire,
        detail=refusal.detail,
        violations=[
            FieldViolation(field=v.field, rule=v.rule, message=v.message)
            for v in refusal.violations
        ],
        trace_id=f"{span.trace_id:032x}" if span.is_valid else "",
    )
    status = getattr(grpc.StatusCode, refusal.kind.grpc)
    return Refused(status, problem.to_binary(), refusal.code)
