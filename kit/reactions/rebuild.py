"""A read side built from facts alone: the facts are kept beside it, and it is built from them again.

All in one transaction: who reads meanwhile sees it as it was, and then as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from protobuf import Message

from kit.contracts import facts
from kit.outbox.row import aggregate_of
from kit.reactions.event import Event
from kit.reactions.intake import Reaction, by_type

if TYPE_CHECKING:
    from kit.database import Connection
    from kit.database import Record as Row

KEEP = """INSERT INTO kit.kept_fact (event_id, aggregate, type, payload, occurred_at)
 VALUES ($1, $2, $3, $4, $5)"""
PAUSED = "SELECT true FROM kit.paused WHERE consumer = $1 FOR UPDATE"
# A batch that was under way when the consumer was paused holds its positions until it has ended.
STILL = "LOCK TABLE kit.position IN SHARE ROW EXCLUSIVE MODE"
COUNT = "SELECT count(*) FROM kit.kept_fact"
KEPT = "SELECT event_id, aggregate, type, payload, occurred_at FROM kit.kept_fact ORDER BY id"
STATED = "SELECT count(*) FROM kit.outbox WHERE xmin = pg_current_xact_id()::xid"
PIECE = 500
Progress = Callable[[int, int], None]
"""Told after each piece: facts taken in again, of how many."""


class CannotRebuild(Exception):
    """Why it is left as it is, in a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class ReadSide:
    """Tables that only reactions write, and only from what facts say.

    `lacking` counts what stands in them and came of facts that were not kept.
    """

    tables: tuple[str, ...]
    reactions: Sequence[Reaction]
    lacking: str

    def listening(self) -> Sequence[Reaction]:
        """The reactions of the service: each keeps the fact it was told."""
        return [replace(one, handle=_keeping(one)) for one in self.reactions]


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of a table before and after, and how many of either are not in the other."""

    table: str
    before: int
    after: int
    gone: int
    new: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """From how many facts, and what became different."""

    facts: int
    tables: tuple[Difference, ...]


def _keeping(reaction: Reaction) -> Callable[[Any, Any, Event], Any]:
    async def handle(connection: "Connection", fact: Message, event: Event) -> None:
        await reaction.handle(connection, fact, event)
        name, aggregate = type(fact).desc().type_name, aggregate_of(fact)[1]
        payload = without_accounts(fact).to_binary()
        row = (event.event_id, aggregate, name, payload, event.occurred_at)
        await connection.execute(KEEP, *row)

    return handle


def without_accounts(fact: Message) -> Message:
    """A copy that names nobody who acted: a public read side has no use for that."""
    bare = type(fact).from_binary(fact.to_binary())
    for field in _accounts(fact):
        setattr(bare, field, [] if isinstance(getattr(bare, field), list) else "")
    return bare


def _accounts(fact: Message) -> Iterator[str]:
    for field in type(fact).desc().fields:
        if field.local_name.rpartition("_")[2] in ("account", "accounts"):
            yield field.local_name


async def rebuild(
    connection: "Connection", consumer: str, side: ReadSide, progress: Progress
) -> Rebuilt:
    """Empty the tables and take the kept facts in again, in the transaction of their owner.

    CannotRebuild where the consumer is not paused, where facts are lacking, where a fact fails and where
    a reaction states one: the transaction is to be given up then.
    """
    if not await connection.fetchval(PAUSED, consumer):
        raise CannotRebuild(
            f"请先暂停 pause it first: minzheng consumer pause {consumer} --reason ..."
        )
    await connection.execute(STILL)
    if lacking := await connection.fetchval(side.lacking):
        raise CannotRebuild(
            f"{lacking} 条记录所依据的事件未留存，未作更改"
            f" {lacking} records came of facts that were not kept: nothing was changed",
        )
    for table in side.tables:
        await connection.execute(
            f"CREATE TEMPORARY TABLE before_{table} ON COMMIT DROP AS TABLE {table}"
        )
        await connection.execute(f"DELETE FROM {table}")
    count = await _take(connection, side, progress)
    if await connection.fetchval(STATED):
        raise CannotRebuild("重建会再次发出事件，未作更改 it would state facts again: given up")
    return Rebuilt(count, tuple([await _difference(connection, table) for table in side.tables]))


async def _take(connection: "Connection", side: ReadSide, progress: Progress) -> int:
    kinds, done = by_type(side.reactions), 0
    total = await connection.fetchval(COUNT)
    async for row in connection.cursor(KEPT, prefetch=PIECE):
        fact = facts()[row["type"]].from_binary(row["payload"])
        try:
            for reaction in kinds.get(row["type"], ()):
                await reaction.handle(connection, fact, _event(row, fact))
        except Exception as error:
            # Never the error's text: it may name a person.
            raise CannotRebuild(
                f"事件无法处理，未作更改 given up at {row['type'].rpartition('.')[2]} of"
                f" {row['aggregate']}: {type(error).__name__}",
            ) from error
        done += 1
        if done % PIECE == 0 or done == total:
            progress(done, total)
    return done


def _event(row: "Row", fact: Message) -> Event:
    version = aggregate_of(fact)[2]
    return Event(
        row["event_id"], row["type"], row["aggregate"], version, row["occurred_at"], "", {}
    )


async def _difference(connection: "Connection", table: str) -> Difference:
    before, after = f"TABLE before_{table}", f"TABLE {table}"
    counts = [
        await connection.fetchval(f"SELECT count(*) FROM ({query}) one")
        for query in (before, after, f"{before} EXCEPT {after}", f"{after} EXCEPT {before}")
    ]
    return Difference(table, *counts)
