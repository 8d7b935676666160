"""Menus: an entry per page that the role may open, by the same rows the services enforce."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.portal.language import gettext
from gateway.portal.page import Page, pages
from proto.gen.minzheng.common.v1.access_pb import Role

PUBLIC = "public"
ROOMS = ("gov", "dept", "ops", "org", "apply", "me")
"""Rooms of the menu for who is signed in: work first, then messages and what is one's own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a menu."""

    label: str
    path: str
    here: bool


def covers(one: Page, path: str) -> bool:
    """An address is the page's own or lies below it."""
    return path == one.path or (one.path != "/" and path.startswith(f"{one.path}/"))


def entries(found: Iterable[Page], path: str) -> Sequence[Entry]:
    """Entries in their order; the nearest page above an address is where a person is."""
    every = sorted(found, key=_order)
    near = max((one.path for one in every if covers(one, path)), key=len, default=None)
    return [Entry(gettext(one.menu), one.path, one.path == near) for one in every]


def public_menu(path: str) -> Sequence[Entry]:
    """The public pages, for everybody."""
    return entries((one for one in pages() if one.menu and one.room == PUBLIC), path)


def own_menu(role: Role, path: str) -> Sequence[Entry]:
    """The pages that a role works with; who is not signed in has the public ones."""
    if role is Role.ANONYMOUS:
        return []
    found = (one for one in pages() if one.menu and one.room in ROOMS and one.open_to(role))
    return entries(found, path)


def there(path: str) -> bool:
    """A page has this address."""
    return any(one.path == path for one in pages())


def home_of(role: Role) -> str:
    """Where a role begins: its first page."""
    found = own_menu(role, "")
    return found[0].path if found and role != Role.ANONYMOUS else "/"


def _order(one: Page) -> tuple[int, int, str]:
    room = ROOMS.index(one.room) if one.room in ROOMS else 0
    return room, one.order, one.path
