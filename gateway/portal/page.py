"""Pages and actions: a function, its address, the contract that says who may come.

Modules below `pages/` are found, not listed: a new page is a new file.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from protobuf import Message
from starlette.responses import Response

from gateway.calling import rpc_of
from kit.access import may_call
from proto.gen.minzheng.common.v1.access_pb import Role

if TYPE_CHECKING:
    from gateway.portal.visit import Visit

Run = Callable[["Visit"], Awaitable[Response]]
Asks = type[Message] | tuple[type[Message], ...] | None
ROOT = "gateway.portal.pages"
ORDER = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A page or an action."""

    path: str
    method: str
    asks: tuple[type[Message], ...]
    """Requests whose contracts say who may come: whoever may ask one of them. None: everybody."""
    menu: str
    """Label of its entry in the menu; empty for no entry."""
    order: int
    shared: bool
    run: Run
    room: str

    def open_to(self, role: Role) -> bool:
        """The role may come here."""
        return not self.asks or any(may_call(rpc_of(one).access, role) for one in self.asks)


REGISTRY: list[Page] = []


def page(
    path: str, *, asks: Asks = None, menu: str = "", order: int = ORDER, shared: bool | None = None
) -> Callable[[Run], Run]:
    """A page to read (GET). `shared`: everybody sees the same; so it is in the public room."""
    return _declared("GET", path, asks, menu, order, shared)


def action(path: str, *, asks: Asks = None) -> Callable[[Run], Run]:
    """What a form is sent to (POST); ends in `visit.go`, or in the page again with what is wrong."""
    return _declared("POST", path, asks, "", ORDER, False)


def _declared(
    method: str, path: str, asks: Asks, menu: str, order: int, shared: bool | None
) -> Callable[[Run], Run]:
    asked = asks if isinstance(asks, tuple) else (asks,) if asks else ()

    def declare(run: Run) -> Run:
        room = run.__module__.removeprefix(f"{ROOT}.").partition(".")[0]
        kept = room == "public" if shared is None else shared
        REGISTRY.append(Page(path, method, asked, menu, order, kept, run, room))
        return run

    return declare


@cache
def pages() -> tuple[Page, ...]:
    """Every page of every room, literal addresses before those with variables."""
    root = importlib.import_module(ROOT)
    for found in pkgutil.walk_packages(root.__path__, f"{ROOT}."):
        importlib.import_module(found.name)
    return tuple(sorted(REGISTRY, key=lambda one: (place(one.path), one.method)))


def place(path: str) -> tuple[str, ...]:
    """Sort key that puts literal segments before variables."""
    return tuple("~" + part if part.startswith("{") else part for part in path.split("/"))
