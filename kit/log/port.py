"""The port of the event log: what facts travel through.

Topics have a fixed number of partitions; a record's key chooses its partition, and order holds
within a partition. Delivery is at least once: whoever reads must bear a record twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

PARTITIONS = 6
"""Partitions of a topic; never changed while a topic lives, or keys would move."""
BATCH = 200
"""Records of one poll at most, where nothing else is asked for."""
MAX_VALUE = 1_000_000
"""Bytes of one record's value; more is refused by every adapter."""


class LogError(Exception):
    """The log could not be reached or answered with an error; the same call may work later."""


class RecordRefused(Exception):
    """This record can never be written, or follows a refused one of its key in the same send."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is written: key, value, headers in order (a name may repeat)."""

    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A record as it is read; `appended_at` is the log's own time."""

    topic: str
    partition: int
    offset: int
    record: Record
    appended_at: datetime


class Producer(Protocol):
    """Writes records."""

    async def send(self, topic: str, records: Sequence[Record]) -> list[Exception | None]:
        """Write in the given order; returns when each record is acknowledged or has failed.

        One result a record: None or why it failed. After a failed record no later one of the
        same key is written by this call.
        """

    async def close(self) -> None:
        """Give back what it holds."""


class Consumer(Protocol):
    """One member of a group; partitions of its topics are shared among the members."""

    async def poll(
        self, seconds: float, limit: int = BATCH, done: Sequence[Delivery] = ()
    ) -> list[Delivery]:
        """The next records, at most `limit`; empty after `seconds` without any.

        `done` are committed first, which costs less than a `commit` of their own.
        Partitions move between members only inside this call. Raises LogError; the consumer is
        then closed and a new one starts from the committed offsets.
        """

    async def commit(self, deliveries: Sequence[Delivery]) -> None:
        """State that these and all earlier records of their partitions are done. Raises LogError."""

    async def close(self) -> None:
        """Leave the group."""


class Log(Protocol):
    """An event log."""

    def producer(self) -> Producer:
        """A new producer."""

    def consumer(self, group: str, topics: Sequence[str]) -> Consumer:
        """A new member of a group; it joins with its first poll.

        A group without committed offsets starts from the earliest record.
        """

    async def ensure(self, topics: Sequence[str]) -> None:
        """Make the topics that are missing. Raises LogError."""

    async def lag(self, group: str) -> dict[str, int]:
        """Records a group has not committed yet, by topic it has joined. Raises LogError."""

    async def close(self) -> None:
        """Give back what it holds."""


def refusals(records: Sequence[Record]) -> list[Exception | None]:
    """Why records can never be written, one entry a record; for the adapters."""
    held: set[str] = set()
    found: list[Exception | None] = []
    for record in records:
        reason = _reason(record, held)
        if reason:
            held.add(record.key)
        found.append(RecordRefused(reason) if reason else None)
    return found


def _reason(record: Record, held: set[str]) -> str:
    if record.key in held:
        return "follows a refused record of its key"
    if len(record.value) > MAX_VALUE:
        return f"value of {len(record.value)} bytes, {MAX_VALUE} allowed"
    return "key contains NUL" if "\0" in record.key else ""
