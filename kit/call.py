"""The running call: who acts, by which method, under which access rule."""

from contextvars import ContextVar
from dataclasses import dataclass

from kit.identity import Caller
from proto.gen.minzheng.common.v1.access_pb import Access


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the rooms of a service see it."""

    who: Caller
    method: str
    access: Access


_current: ContextVar[Call] = ContextVar("call")


def current() -> Call:
    """The running call; LookupError outside of one."""
    return _current.get()


def enter(call: Call) -> None:
    """Bind a call to the running task (interceptor, timers, tests)."""
    _current.set(call)
