"""The one table of refusals: kind, gRPC status, HTTP status.

A rule refuses by raising `Refusal` with a stable code and a Chinese sentence; whatever else is
raised becomes INTERNAL without text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Kind of refusal: (name on the wire, gRPC status name, HTTP status, Chinese title)."""

    MALFORMED = ("malformed", "INVALID_ARGUMENT", 400, "请求格式有误")
    UNAUTHENTICATED = ("unauthenticated", "UNAUTHENTICATED", 401, "请先登录")
    FORBIDDEN = ("forbidden", "PERMISSION_DENIED", 403, "没有办理权限")
    NOT_FOUND = ("not_found", "NOT_FOUND", 404, "未找到")
    CONFLICT = ("conflict", "ABORTED", 409, "与当前状态冲突")
    STALE = ("stale", "FAILED_PRECONDITION", 412, "内容已被更新")
    INVALID = ("invalid", "INVALID_ARGUMENT", 422, "内容不符合要求")
    EXHAUSTED = ("exhausted", "RESOURCE_EXHAUSTED", 429, "请求过于频繁")
    INTERNAL = ("internal", "INTERNAL", 500, "系统内部错误")
    UNAVAILABLE = ("unavailable", "UNAVAILABLE", 503, "服务暂不可用")
    DEADLINE = ("deadline", "DEADLINE_EXCEEDED", 504, "处理超时")

    def __init__(self, wire: str, grpc: str, http: int, title: str) -> None:
        self.wire = wire
        self.grpc = grpc
        self.http = http
        self.title = title

    @classmethod
    def from_wire(cls, wire: str) -> "Kind":
        """The kind of that wire name; INTERNAL for an unknown one."""
        return next((kind for kind in cls if kind.wire == wire), cls.INTERNAL)


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that breaks a rule: path, rule id, Chinese sentence."""

    field: str
    rule: str
    message: str


class Refusal(Exception):
    """A call refused on purpose.

    `code` is stable (`filing.material_missing`), `detail` a Chinese sentence for the person.
    """

    def __init__(
        self, kind: Kind, code: str, detail: str, violations: Sequence[Violation] = ()
    ) -> None:
        super().__init__(code)
        self.kind = kind
        self.code = code
        self.detail = detail
        self.violations = tuple(violations)


def not_found() -> Refusal:
    """Absent and out of reach answer alike."""
    return Refusal(Kind.NOT_FOUND, "common.not_found", "未找到该事项，或您无权查看。")


def invalid(code: str, detail: str, *violations: Violation) -> Refusal:
    """The content breaks a rule."""
    return Refusal(Kind.INVALID, code, detail, violations)


def conflict(code: str, detail: str, *violations: Violation) -> Refusal:
    """The state of the object does not allow it now."""
    return Refusal(Kind.CONFLICT, code, detail, violations)


def forbidden(code: str, detail: str) -> Refusal:
    """The caller's post does not have the function."""
    return Refusal(Kind.FORBIDDEN, code, detail)
