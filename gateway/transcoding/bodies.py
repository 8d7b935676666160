"""Bodies: read within limits, looked over before the parser sees them, merged into the message.

The parser's own nesting limit comes after its recursion (depth 10^5 ends the process), it keeps
the last of two equal keys and lets U+0000 through; so one pass over the tokens comes first.
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

TOKEN = re.compile(rb'"((?:[^"\\]++|\\.)*+)("?)(\s*+:)?|[\[\]{}]', re.DOTALL)
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
    return Refusal(Kind.MALFORMED, "api.malformed", f"请求正文有误:{detail}", violations)


def look_over(body: bytes) -> None:
    """Refuse nesting beyond 32, a key given twice, U+0000 and strings that do not end."""
    open_keys: list[set[str]] = []
    for token in TOKEN.finditer(body):
        text, closed, colon = token.groups()
        if text is None:
            _nest(token[0], open_keys)
        elif not closed:
            raise malformed("字符串没有结束。")
        else:
            _look_at_string(text, colon is not None, open_keys)


def _nest(bracket: bytes, open_keys: list[set[str]]) -> None:
    if bracket in b"[{":
        open_keys.append(set())
        if len(open_keys) > DEPTH:
            raise malformed(f"嵌套超过 {DEPTH} 层。")
    elif open_keys:
        open_keys.pop()


def _look_at_string(text: bytes, is_key: bool, open_keys: list[set[str]]) -> None:
    if NUL in text and "\x00" in decode(text):
        raise malformed("文字中不得含有 U+0000。")
    if is_key and open_keys:
        key = camel(decode(text))
        if key in open_keys[-1]:
            raise malformed("同一个字段出现了两次。")
        open_keys[-1].add(key)


def decode(text: bytes) -> str:
    """Content of a JSON string; Refusal 400 where it is none."""
    try:
        return str(json.loads(b'"' + text + b'"')) if b"\\" in text else text.decode()
    except ValueError as error:
        raise malformed("不是 UTF-8 编码的 JSON。") from error


def camel(name: str) -> str:
    """JSON name of a field name: both spellings name the same field."""
    return re.sub("_([a-z0-9])", lambda found: found[1].upper(), name)
