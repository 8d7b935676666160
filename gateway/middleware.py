"""What surrounds every HTTP request: span, security headers, limits, a problem for any accident.

Plain ASGI: nothing buffers a body and nothing runs in another task.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from opentelemetry import trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.problems import HttpError, Problem, current_trace, problem_of
from gateway.transcoding.bodies import int_or_zero
from gateway.uploads.receive import LIMIT as UPLOAD_LIMIT
from gateway.uploads.receive import TOO_LARGE
from kit.recent import Recent
from kit.settings import settings
from kit.telemetry import context_of, metrics, span

CAME = "minzheng.came"
"""Of a request's scope: when it came to the door (s, monotonic), where it had to wait before it."""
PROBES = "/health"
"""Routes that tell whether the process is well: no request of anybody."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
MAX_HEADERS = 16 * 1024
"""Bytes of all request headers."""
MAX_BODY = UPLOAD_LIMIT
"""Bytes of any body; JSON is held to less where it is read."""
MAX_DRAIN, DRAIN_SECONDS = 10 * MAX_BODY, 120.0
"""Of a form that is too large, what is read and thrown away before it is answered."""
HEADERS_TOO_LARGE = Problem(431, "api.headers_too_large", "请求头过大", "请求头超过 16 KB。")
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""Headers of every answer that does not set them itself."""
HSTS = "max-age=31536000; includeSubDomains"


@dataclass(frozen=True, slots=True)
class Spans:
    """A SERVER span a request, named by its route template, and its time; the answer names the trace."""

    app: ASGIApp
    template: Callable[[Scope], str]
    requests: Recent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Trace a request; whatever is no HTTP passes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        carried = {n: headers[n] for n in ("traceparent", "tracestate") if n in headers}
        method = method_of(scope)
        began = scope.get(CAME, time.monotonic())
        with span(f"HTTP {method}", trace.SpanKind.SERVER, context_of(carried)) as running:
            answer = Answer(send, running)
            try:
                await self.app(scope, receive, answer.tell)
            finally:
                template = self.template(scope).replace(":segment}", "}")
                running.update_name(f"HTTP {method} {template}")
                running.set_attributes({"http.request.method": method, "http.route": template})
                if answer.outcome == metrics.FAILED:
                    running.set_status(trace.StatusCode.ERROR)
                took = time.monotonic() - began
                self.requests.note(took, failed=answer.outcome == metrics.FAILED)
                if not template.startswith(PROBES):
                    named = metrics.labels("gateway", f"{method} {template}", answer.outcome)
                    metrics.http.record(took, named)


@dataclass(slots=True)
class Answer:
    """An answer on its way: it names the trace, the span gets its status."""

    send: Send
    span: trace.Span
    outcome: str = metrics.FAILED
    """What ends without an answer has failed."""

    async def tell(self, message: Message) -> None:
        """Send a part of it."""
        if message["type"] == "http.response.start":
            status = message["status"]
            self.outcome = outcome_of(status)
            MutableHeaders(scope=message)["X-Trace-Id"] = current_trace()
            self.span.set_attribute("http.response.status_code", status)
        await self.send(message)


def method_of(scope: Scope) -> str:
    """The method, for names: whatever else is sent becomes none."""
    return scope["method"] if scope["method"] in METHODS else "OTHER"


def outcome_of(status: int) -> str:
    """What a status says of whose fault it was."""
    if status >= 500:
        return metrics.FAILED
    return metrics.REFUSED if status >= 400 else metrics.OK


def templates(routes: Iterable[BaseRoute]) -> Callable[[Scope], str]:
    """Finds the template of the route that answered; ids never become names."""
    known = {id(route.endpoint): route.path for route in routes if isinstance(route, Route)}
    return lambda scope: known.get(id(scope.get("endpoint")), "unmatched")


def secure(headers: MutableHeaders) -> None:
    """Add the headers that keep browsers careful, where the answer does not set them itself."""
    for name, value in SECURITY.items():
        headers.setdefault(name, value)
    if settings().public_url.startswith("https:"):
        headers.setdefault("Strict-Transport-Security", HSTS)


@dataclass(frozen=True, slots=True)
class SecurityHeaders:
    """Headers that keep browsers careful."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with them."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure(MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, add)


@dataclass(frozen=True, slots=True)
class Limits:
    """No request is larger than the largest upload, its headers no larger than 16 KB."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse by what is announced, count what arrives. HttpError 413 or 431."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
            raise HttpError(HEADERS_TOO_LARGE)
        headers = Headers(scope=scope)
        if int_or_zero(headers.get("content-length")) > MAX_BODY:
            if headers.get("content-type", "").startswith("multipart/form-data"):
                await drain(receive)
            raise HttpError(TOO_LARGE)
        await self.app(scope, counted(receive), send)


async def drain(receive: Receive) -> None:
    """Read what a browser goes on sending, or it shows an error of the network in place of our answer."""
    size, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while more and size <= MAX_DRAIN:
                message = await receive()
                size += len(message.get("body", b""))
                more = message.get("more_body", False)


def counted(receive: Receive) -> Receive:
    """Receives up to the cap; HttpError 413 beyond."""
    size = 0

    async def count() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise HttpError(TOO_LARGE)
        return message

    return count


@dataclass(frozen=True, slots=True)
class Accidents:
    """Whatever nobody caught becomes a problem; a half-sent answer is cut off by the server."""

    app: ASGIApp
    shown: Callable[[Request, Problem], Response]
    """The answer of a problem."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or tell what happened without text of the error."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            problem = problem_of(error)
            if not started:
                await self.shown(Request(scope), problem)(scope, receive, send)
