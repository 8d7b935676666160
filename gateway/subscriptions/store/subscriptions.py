"""Subscriptions in the database: secrets sealed, one statement a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from protobuf import Message

from gateway.queue.breaker import Health
from gateway.subscriptions.domain.subscription import Outcome, Subscription
from kit.calendar import Moment
from kit.database import Database
from kit.errors import Refusal, conflict, not_found
from kit.facts import message_of
from kit.identity import Caller
from kit.rotation import Sealed
from kit.secrets import Keyring
from kit.sql import IN_SCOPE, MOMENT, bind
from kit.unit import Audit, Change, Unit
from proto.gen.minzheng.common.v1.access_pb import Role

if TYPE_CHECKING:
    from kit.database import Connection

PACKAGE = "minzheng.subscriptions.v1"
ASKED = (
    "subscription_id", "account", "region_code", "region_path", "types", "purpose", "url",
    "networks", "requested_at",
)  # fmt: skip
"""What never changes: another address is another subscription, approved again."""
CHANGING = (
    "state", "version", "fact_version", "decided_by", "reason", "stopped_by", "former_until",
    "live_from",
)  # fmt: skip
SEALED = Sealed(
    "subscription",
    ("subscription_id",),
    {"secret_cell": "subscription.secret_cell", "former_cell": "subscription.former_cell"},
    {},
)
"""Secrets of the signatures, the one in use and the one before."""
MADE = (*ASKED, *CHANGING, *SEALED.cells)
READ = f"""s.*, {MOMENT},
 (SELECT count(*) FROM delivery d WHERE d.subscription_id = s.subscription_id AND NOT delivered)
 AS waiting, (SELECT greatest(min(due_at), s.held_until) FROM delivery d
 WHERE d.subscription_id = s.subscription_id AND NOT delivered) AS next_try_at"""
LOAD = f"""SELECT {READ} FROM subscription s
 WHERE s.subscription_id = :subscription_id AND {IN_SCOPE}"""
LIST = f"""SELECT {READ} FROM subscription s
 WHERE (:account = '' OR account = :account) AND starts_with(region_path, :path)
 AND (:after::uuid IS NULL OR s.subscription_id < :after) AND {IN_SCOPE}
 ORDER BY s.subscription_id DESC LIMIT :size"""
INSERT = f"""INSERT INTO subscription ({", ".join(MADE)}, failures)
 SELECT {", ".join(f":{name}" for name in MADE)}, 0 WHERE {IN_SCOPE} RETURNING subscription_id"""
SET = ", ".join(f"{name} = :{name}" for name in (*CHANGING, *SEALED.cells))
HEALED = "failures = 0, failing_since = NULL, held_until = NULL"
UPDATE, RESUME = (
    f"""UPDATE subscription SET {values} WHERE subscription_id = :subscription_id
 AND version = :version - 1 AND {IN_SCOPE} RETURNING subscription_id"""
    for values in (SET, f"{SET}, {HEALED}")
)
RESEND = """UPDATE delivery SET attempts = 0, due_at = now() WHERE number IN (
 SELECT number FROM delivery d JOIN state USING (subscription_id)
 WHERE NOT delivered ORDER BY number FOR UPDATE OF d)"""
"""What was kept while it stood still goes out at once, with all its attempts before it."""
PRESENT = f"""SELECT subscription_id FROM subscription
 WHERE subscription_id = :subscription_id AND {IN_SCOPE}"""
LOCK_HEAD = "SELECT position FROM feed_head FOR SHARE"


@dataclass(frozen=True, slots=True)
class Shown:
    """A subscription with what is on its way there."""

    subscription: Subscription
    waiting: int
    next_try_at: Any


def scope_of(who: Caller) -> str:
    """A department reaches its own subscriptions only, civil affairs those of its region."""
    return f"s:{who.subject}" if who.role is Role.DEPT else who.scope


class Subscriptions:
    """Reads and writes of subscriptions."""

    def __init__(self, database: Database, unit: Unit, keyring: Keyring) -> None:
        self.database = database
        self.unit = unit
        self.keyring = keyring

    async def now(self) -> Moment:
        """The moment, for a subscription that is not there yet."""
        (row,) = await self.database.pool.fetch(f"SELECT {MOMENT}")
        return Moment.of(row["now"], row["shift_days"])

    async def load(self, subscription_id: str, who: Caller) -> tuple[Shown, Moment]:
        """A subscription in reach and the moment of the read; Refusal NOT_FOUND otherwise."""
        values = {"subscription_id": UUID(subscription_id), "scope": scope_of(who)}
        text, arguments = bind(LOAD, values)
        row = await self.database.pool.fetchrow(text, *arguments)
        if row is None:
            raise not_found()
        found = dict(row)
        return self.shown(found), Moment.of(found["now"], found["shift_days"])

    async def listed(self, who: Caller, size: int, after: UUID | None) -> list[Shown]:
        """Subscriptions in reach, newest first, one more than asked so that a next page shows."""
        own = who.role is Role.DEPT
        values = {
            "scope": scope_of(who),
            "account": who.subject if own else "",
            "path": "/" if own else who.region_path or "-",
            "after": after,
            "size": size + 1,
        }
        text, arguments = bind(LIST, values)
        return [self.shown(dict(row)) for row in await self.database.pool.fetch(text, *arguments)]

    async def head(self, connection: "Connection") -> int:
        """The last position of the feed; nothing is added to it before the transaction ends."""
        found: int = await connection.fetchval(LOCK_HEAD)
        return found

    async def save(
        self,
        outcome: Outcome,
        moment: Moment,
        scope: str,
        *,
        former: str = "",
        request: Message | None = None,
        response: Message | None = None,
        connection: "Connection | None" = None,
    ) -> None:
        """Write an outcome; `former` is the state it had, empty for a new one.

        Raises Stale when it changed meanwhile; Refusal where a constraint holds what the rule
        could not see.
        """
        try:
            change = self.change_of(outcome, moment, scope, former)
            await self.unit.write(change, request, response, connection)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == "subscription_pkey":
                raise id_used() from error
            raise

    async def note(
        self, found: Subscription, moment: Moment, scope: str, what: str,
        request: Message, response: Message, connection: "Connection",
    ) -> None:  # fmt: skip
        """Audit and answer of a request that leaves the subscription as it is."""
        values = {"subscription_id": UUID(found.subscription_id), "scope": scope}
        audit = Audit(
            found.subscription_id, found.region_path, moment.at, moment.today,
            found.state, found.state, what,
        )  # fmt: skip
        await self.unit.write(Change(PRESENT, values, audit), request, response, connection)

    def change_of(self, outcome: Outcome, moment: Moment, scope: str, former: str) -> Change:
        """The one statement of an outcome."""
        after = outcome.subscription
        resumed = (former, after.state) == ("PAUSED", "LIVE")
        return Change(
            state=RESUME if resumed else UPDATE if former else INSERT,
            also=(RESEND,) if resumed else (),
            values=self.values_of(after) | {"scope": scope},
            audit=Audit(
                object_id=after.subscription_id,
                region_path=after.region_path,
                at=moment.at,
                business_on=moment.today,
                from_state=former,
                to_state=after.state,
                reason=after.reason,
            ),
            fact=message_of(outcome.fact, PACKAGE) if outcome.fact else None,
        )

    def values_of(self, found: Subscription) -> dict[str, Any]:
        """A subscription as the values of its columns."""
        plain = {name: getattr(found, name) for name in (*ASKED, *CHANGING)}
        return plain | {
            "subscription_id": UUID(found.subscription_id),
            "types": list(found.types),
            "networks": list(found.networks),
            "secret_cell": self._seal(found, "secret_cell", found.secret),
            "former_cell": self._seal(found, "former_cell", found.former),
        }

    def _seal(self, found: Subscription, column: str, secret: bytes) -> bytes | None:
        if not secret:
            return None
        return self.keyring.seal(secret, SEALED.place(column, found.subscription_id))

    def shown(self, row: Mapping[str, Any]) -> Shown:
        """A row as a subscription with what waits."""
        return Shown(self.subscription_of(row), row["waiting"], row["next_try_at"])

    def subscription_of(self, row: Mapping[str, Any]) -> Subscription:
        """A row as a subscription."""
        identity = str(row["subscription_id"])
        secret, former = (
            self.keyring.unseal(bytes(row[name]), SEALED.place(name, identity))
            if row[name]
            else b""
            for name in SEALED.cells
        )
        plain = {name: row[name] for name in (*ASKED, *CHANGING)} | {
            "subscription_id": identity,
            "types": tuple(row["types"]),
            "networks": tuple(row["networks"]),
        }
        return Subscription(**plain, secret=secret, former=former, health=health_of(row))


def health_of(row: Mapping[str, Any]) -> Health:
    """How the address fares."""
    return Health(row["failures"], row["failing_since"], row["held_until"])


def id_used() -> Refusal:
    """The id made by the caller belongs to another subscription."""
    return conflict("subscriptions.id_used", "该订阅编号已被使用，请换一个编号。")
