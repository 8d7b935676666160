"""Headers that stand for fields: `Idempotency-Key` is `request_id`, `If-Match` is `version`."""

import re

from kit.errors import Kind, Refusal, Violation

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TAG = re.compile(r'(?:W/)?"([^"]*)"')
DIGITS = re.compile("[0-9]{1,10}")
MAX_VERSION = 2**31 - 1
KEY = "Idempotency-Key"


def request_id(header: str | None) -> str | None:
    """The key in lower case; Refusal 422 for anything but a UUID."""
    if header is None:
        return None
    key = header.strip().strip('"').lower()
    if not UUID.fullmatch(key):
        raise _key_refused("api.idempotency_key_invalid", f"请求头 {KEY} 应为 UUID。")
    return key


def key_missing() -> Refusal:
    """422: the call changes something and names no key."""
    return _key_refused(
        "api.idempotency_key_missing",
        f"请在请求头 {KEY} 中给出由您生成的 UUID(建议 UUIDv7)；重试同一请求时使用同一个值。",
    )


def _key_refused(code: str, sentence: str) -> Refusal:
    return Refusal(Kind.INVALID, code, sentence, [Violation(KEY, "string.uuid", sentence)])


def version(header: str | None) -> int | None:
    """The version an `If-Match` names, None for `*` or no header; Refusal 400 for anything else.

    A number beyond every version is a tag that fits nothing: the largest one, which none reaches.
    """
    if header is None or header.strip() == "*":
        return None
    tag = TAG.fullmatch(header.strip())
    number = tag[1] if tag else ""
    if not DIGITS.fullmatch(number):
        sentence = '请求头 If-Match 应为一个 ETag，例如 "3"。'
        raise Refusal(Kind.MALFORMED, "api.bad_if_match", sentence)
    return min(int(number), MAX_VERSION)


def etag(number: int) -> str:
    """Entity tag of a version."""
    return f'"{number}"'


def matches(if_none_match: str | None, tag: str) -> bool:
    """The caller already has this version (weak comparison)."""
    if if_none_match is None:
        return False
    known = TAG.findall(if_none_match)
    return if_none_match.strip() == "*" or tag.strip('"') in known
