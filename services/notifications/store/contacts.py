"""Contacts: encrypted cells bound to their account; the phone can be found by its blind index."""

from dataclasses import dataclass
from datetime import datetime

from protobuf import Message

from kit.call import current
from kit.database import Database
from kit.identity import Caller
from kit.rotation import Sealed
from kit.secrets import Keyring
from kit.sql import bind
from kit.unit import Audit, Change, Unit
from services.notifications.domain.contact import Contact
from services.notifications.store import IN_SCOPE, reach

CELLS = ("name", "phone", "email")
WISHES = ("channels", "only_necessary", "daily")
SEALED = Sealed(
    "contact",
    ("account",),
    {f"{name}_cell": f"contact.{name}" for name in CELLS},
    {"phone_keys": lambda keyring, told: phone_keys(told.get("phone_cell", b"").decode(), keyring)},
)
LOAD = f"""SELECT clock_timestamp() AS now, c.name_cell, c.phone_cell, c.email_cell,
 coalesce(c.channels, '{{}}') AS channels, coalesce(c.only_necessary, false) AS only_necessary,
 coalesce(c.daily, false) AS daily, coalesce(c.version, 0) AS version
 FROM (VALUES (1)) AS one LEFT JOIN contact c ON c.account = :account WHERE {IN_SCOPE}"""
SAVE = f"""INSERT INTO contact (account, name_cell, phone_cell, email_cell, phone_keys,
 channels, only_necessary, daily, version)
 SELECT :account, :name_cell, :phone_cell, :email_cell, :phone_keys,
 :channels, :only_necessary, :daily, :version WHERE {IN_SCOPE}
 ON CONFLICT (account) DO UPDATE SET name_cell = excluded.name_cell,
 phone_cell = excluded.phone_cell, email_cell = excluded.email_cell,
 phone_keys = excluded.phone_keys, channels = excluded.channels,
 only_necessary = excluded.only_necessary, daily = excluded.daily, version = excluded.version
 WHERE contact.version = excluded.version - 1 RETURNING account"""


@dataclass(frozen=True, slots=True)
class Contacts:
    """The caller's own contact details."""

    database: Database
    unit: Unit
    keyring: Keyring

    async def load(self, who: Caller) -> tuple[Contact, datetime]:
        """The details, empty where nothing is kept, and the time of the read."""
        text, arguments = bind(LOAD, reach(who))
        row = await self.database.pool.fetchrow(text, *arguments)
        assert row is not None, "the query joins to one row"
        plain = {name: self._open(name, row[f"{name}_cell"], who.subject) for name in CELLS}
        kept = Contact(
            **plain,
            channels=tuple(row["channels"]),
            only_necessary=row["only_necessary"],
            daily=row["daily"],
            version=row["version"],
        )
        return kept, row["now"]

    async def save(
        self, contact: Contact, at: datetime, request: Message, response: Message
    ) -> None:
        """Keep the details. Raises Stale when they changed since they were loaded."""
        who = current().who
        cells = {f"{n}_cell": self._seal(n, getattr(contact, n), who.subject) for n in CELLS}
        values = {name: getattr(contact, name) for name in (*WISHES, "version")}
        values |= {"phone_keys": phone_keys(contact.phone, self.keyring)}
        audit = Audit(who.subject, "", at, None)
        await self.unit.write(Change(SAVE, reach(who) | cells | values, audit), request, response)

    def _seal(self, name: str, text: str, account: str) -> bytes | None:
        place = SEALED.place(f"{name}_cell", account)
        return self.keyring.encrypt(text, place) if text else None

    def _open(self, name: str, cell: bytes | None, account: str) -> str:
        place = SEALED.place(f"{name}_cell", account)
        return self.keyring.decrypt(bytes(cell), place) if cell else ""


def phone_keys(phone: str, keyring: Keyring) -> list[str]:
    """Blind indexes of a phone number; none of an empty one."""
    return keyring.blind(phone, "phone") if phone else []
