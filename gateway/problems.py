"""Refusals as `application/problem+json` (RFC 9457): of the gateway, of services, of routes."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import grpc
from opentelemetry import trace
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from kit.database import AWAY
from kit.errors import Kind, Refusal, Violation
from proto.gen.minzheng.common.v1.problem_pb import Problem as WireProblem

MEDIA_TYPE = "application/problem+json"
TRAILER = "minzheng-problem-bin"
RETRY_AFTER = {429: "1", 503: "2"}
"""Seconds after which a refused call is worth repeating, by HTTP status."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a person reads of a refusal, and the status it travels under."""

    status: int
    code: str
    title: str
    detail: str
    violations: Sequence[Violation] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    trace_id: str = ""

    def response(self) -> Response:
        """The answer; names the trace to quote when asking for help."""
        body = {
            "type": f"/api/problems#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "traceId": self.trace_id or current_trace(),
            "violations": [
                {"field": one.field, "rule": one.rule, "message": one.message}
                for one in self.violations
            ],
        }
        content = json.dumps(body, ensure_ascii=False).encode()
        return Response(content, self.status, self._headers(), MEDIA_TYPE)

    def _headers(self) -> dict[str, str]:
        known = {"Cache-Control": "no-store", **self.headers}
        if self.status in RETRY_AFTER:
            known["Retry-After"] = RETRY_AFTER[self.status]
        if self.status == 401:
            known["WWW-Authenticate"] = "Bearer"
        return known


class HttpError(Exception):
    """A refusal that only HTTP knows (404, 405, 408, 413, 415)."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


NOT_FOUND = Problem(404, "api.no_such_route", "未找到", "没有这个接口，请核对请求地址。")
TOO_LARGE = Problem(413, "api.too_large", "请求过大", "请求正文超过 1 MB。")
TOO_SLOW = Problem(408, "api.too_slow", "请求超时", "请求正文没有在规定时间内送达。")
NOT_JSON = Problem(
    415,
    "api.not_json",
    "媒体类型不支持",
    "请求正文应为 UTF-8 编码的 application/json，且不得压缩。",
)


def method_not_allowed(allowed: str) -> Problem:
    """405 with the methods the address knows."""
    detail = f"该地址不支持此请求方法，可用方法：{allowed}。"
    return Problem(
        405, "api.method_not_allowed", "请求方法不支持", detail, headers={"Allow": allowed}
    )


def of_refusal(refusal: Refusal) -> Problem:
    """A refusal of the table in `kit.errors`."""
    kind = refusal.kind
    return Problem(kind.http, refusal.code, kind.title, refusal.detail, refusal.violations)


PASSING = (Kind.EXHAUSTED, Kind.INTERNAL, Kind.UNAVAILABLE, Kind.DEADLINE)
"""Kinds that may be gone a moment later."""


def of_kind(kind: Kind) -> Problem:
    """A kind without anything more to say."""
    advice = "，请稍后再试" if kind in PASSING else ""
    return Problem(kind.http, f"common.{kind.wire}", kind.title, f"{kind.title}{advice}。")


STATUSES = {
    "INVALID_ARGUMENT": Kind.INVALID,
    "OUT_OF_RANGE": Kind.INVALID,
    "ALREADY_EXISTS": Kind.CONFLICT,
    "CANCELLED": Kind.UNAVAILABLE,
    "UNIMPLEMENTED": Kind.UNAVAILABLE,
} | {kind.grpc: kind for kind in Kind if kind is not Kind.MALFORMED}
"""Kind by gRPC status, for answers that carry no problem of ours."""


def of_rpc_error(error: grpc.aio.AioRpcError) -> Problem:
    """What a service answered, or what became of the call."""
    wire = next((value for key, value in error.trailing_metadata() or () if key == TRAILER), None)
    if wire is None:
        return of_kind(STATUSES.get(error.code().name, Kind.INTERNAL))
    told = WireProblem.from_binary(wire)
    kind = Kind.from_wire(told.kind)
    found = tuple(Violation(one.field, one.rule, one.message) for one in told.violations)
    return Problem(kind.http, told.code, kind.title, told.detail, found, trace_id=told.trace_id)


def problem_of(error: Exception) -> Problem:
    """The problem of anything raised; what nobody expected is logged and stays without text."""
    match error:
        case HttpError():
            return error.problem
        case Refusal():
            return of_refusal(error)
        case grpc.aio.AioRpcError():
            return of_rpc_error(error)
        case ClientDisconnect():
            return TOO_SLOW
    if isinstance(error, AWAY):
        log.warning("database away: %s", type(error).__name__)
        return of_kind(Kind.UNAVAILABLE)
    log.error("unexpected error in the gateway", exc_info=error)
    return of_kind(Kind.INTERNAL)


def current_trace() -> str:
    """Id of the running trace; empty without one."""
    span = trace.get_current_span().get_span_context()
    return f"{span.trace_id:032x}" if span.is_valid else ""


async def of_route(_request: Request, error: HTTPException) -> Response:
    """Handler of the application for what its router refuses."""
    if error.status_code == 404:
        return NOT_FOUND.response()
    if error.status_code == 405:
        return method_not_allowed((error.headers or {}).get("Allow", "")).response()
    title = "请求未能处理"
    return Problem(error.status_code, "api.refused", title, f"{title}。").response()


async def of_accident(_request: Request, error: Exception) -> Response:
    """Handler of the application for what nobody caught."""
    return problem_of(error).response()


HANDLERS = {HTTPException: of_route, Refusal: of_accident, HttpError: of_accident}
"""Exception handlers for the application, so that no answer of `/api` is plain text."""
