"""Menus: an entry per page that the role may open, by the same rows the services enforce."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.portal.language import gettext
from gateway.portal.page import Page, pages
from proto.gen.minzheng.common.v1.access_pb import Role

PUBLIC = "public"
ROOMS = ("org", "apply", "gov", "dept", "ops", "me")
"""Rooms of the menu for who is signed in, in their order."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a menu."""

    label: str
    path: str
    here: bool


def shown(one: Page, path: str) -> Entry:
    """The entry of a page, seen from an address."""
    here = path == one.path or (one.path != "/" and path.startswith(f"{one.path}/"))
    return Entry(gettext(one.menu), one.path, here)


def public_menu(path: str) -> Sequence[Entry]:
    """The public pages, for everybody."""
    found = sorted((one for one in pages() if one.menu and one.room == PUBLIC), key=_order)
    return [shown(one, path) for one in found]


def own_menu(role: Role, path: str) -> Sequence[Entry]:
    """The pages that a role works with."""
    found = (one for one in pages() if one.menu and one.room in ROOMS and one.open_to(role))
    return [shown(one, path) for one in sorted(found, key=_order)]


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
