"""Bodies: read within limits, looked over before the parser sees them, merged into the message.

The parser's own nesting limit comes after its recursion (depth 10^5 ends the process), it keeps
the last of two equal keys and lets U+0000 through; so the body is looked over first.
"""

import asyncio
import json
import re

from protobuf import Message
from starlette.requests import Request

from gateway.problems import NOT_JSON, TOO_LARGE, TOO_SLOW, HttpError
from kit.errors import Kind, Refusal, Violation

LIMIT = 1_000_000
"""Bytes of a body."""
DEPTH = 32
"""Nested objects and arrays."""
READ_SECONDS = 10.0

STRING = re.compile(rb'"((?:[^"\\]++|\\.)*+)"?', re.DOTALL)
"""A JSON string, also one that does not end: so the search stays linear."""
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
NUL = b"\\u0000"
UNKNOWN = re.compile(r"key: '([A-Za-z_]\w{0,60})' is unknown")
OF_FIELD = re.compile(r"for field minzheng[\w.]*\.(\w+)$")


async def read_body(request: Request) -> bytes:
    """The body; Problem 413, 415 or 408 beyond the limits."""
    if int_or_zero(request.headers.get("content-length")) > LIMIT:
        raise HttpError(TOO_LARGE)
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LIMIT:
                    raise HttpError(TOO_LARGE)
    except TimeoutError as error:
        raise HttpError(TOO_SLOW) from error
    if body:
        refuse_other_media(request)
    return bytes(body)


def int_or_zero(text: str | None) -> int:
    """A header that should be a number."""
    return int(text) if text and text.isascii() and text.isdigit() else 0


def refuse_other_media(request: Request) -> None:
    """415 unless the body says it is plain JSON in UTF-8."""
    kind, _, rest = request.headers.get("content-type", "").lower().partition(";")
    charset = rest.strip().removeprefix("charset=").strip('"')
    coded = request.headers.get("content-encoding", "identity").lower()
    if kind.strip() != "application/json" or charset not in ("", "utf-8") or coded != "identity":
        raise HttpError(NOT_JSON)


def parse(kind: type[Message], body: bytes) -> Message:
    """The message a JSON body states; Refusal 400 with one sentence for anything else."""
    look_over(body)
    try:
        return kind.from_json(body)
    except json.JSONDecodeError as error:
        raise malformed(f"第 {error.lineno} 行第 {error.colno} 列不是有效的 JSON。") from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise misfit(str(error)) from error


def misfit(reason: str) -> Refusal:
    """400: JSON, but not of this message. Names the field; a value never leaves."""
    if found := UNKNOWN.search(reason):
        unknown = Violation(found[1], "api.unknown_field", "没有这个字段。")
        return malformed(f"没有名为 {found[1]} 的字段。", unknown)
    if found := OF_FIELD.search(reason):
        name = camel(found[1])
        return malformed(f"字段 {name} 的类型不正确。", Violation(name, "api.type", "类型不正确。"))
    return malformed("内容与接口定义不符。")


def malformed(detail: str, *violations: Violation) -> Refusal:
    """400 for a body."""
    return Refusal(Kind.MALFORMED, "api.malformed", f"请求正文有误：{detail}", violations)


def look_over(body: bytes) -> None:
    """Refuse nesting beyond 32, U+0000, a field given twice and what is no JSON in UTF-8."""
    refuse_depth(body)
    try:
        json.loads(body.decode(), object_pairs_hook=refuse_twice)
        if NUL in body and any(holds_nul(text[1]) for text in STRING.finditer(body)):
            raise malformed("文字中不得含有 U+0000。")
    except json.JSONDecodeError as error:
        raise malformed(f"第 {error.lineno} 行第 {error.colno} 列不是有效的 JSON。") from error
    except ValueError as error:
        raise malformed("不是 UTF-8 编码的 JSON。") from error


def refuse_depth(body: bytes) -> None:
    """Count brackets outside of strings."""
    depth = 0
    for bracket in STRING.sub(b"", body).translate(None, NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEPTH:
            raise malformed(f"嵌套超过 {DEPTH} 层。")


def refuse_twice(pairs: list[tuple[str, object]]) -> None:
    """A field may be named once, in one of its two spellings. Makes no dictionary."""
    names = {camel(name) if "_" in name else name for name, _ in pairs}
    if len(names) < len(pairs):
        raise malformed("同一个字段出现了两次。")


def holds_nul(text: bytes) -> bool:
    """The content of a JSON string has U+0000."""
    return NUL in text and "\x00" in json.loads(b'"' + text + b'"')


def camel(name: str) -> str:
    """JSON name of a field name: both spellings name the same field."""
    return re.sub("_([a-z0-9])", lambda found: found[1].upper(), name)
