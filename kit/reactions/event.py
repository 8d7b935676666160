"""A record read as a fact: CloudEvents headers first, the payload only where somebody reacts."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from protobuf import Message

from kit.contracts import enum_of, topic_of
from kit.log.port import Record
from kit.outbox.row import aggregate_of

MAX_VERSION = 2**31 - 1
MAX_TEXT = 200


class NoFact(Exception):
    """A record whose headers do not make it a fact of its topic."""


class Undecodable(Exception):
    """A fact whose payload is not what its headers say."""


@dataclass(frozen=True, slots=True)
class Event:
    """What the headers of a fact say; `headers` are all of them as delivered."""

    event_id: uuid.UUID
    type: str
    aggregate_id: str
    version: int
    occurred_at: datetime
    traceparent: str
    headers: Mapping[str, str]


def read_event(topic: str, record: Record) -> Event:
    """The event of a record. Raises NoFact for anything a relay of ours would not have written."""
    try:
        headers = {name: value.decode() for name, value in record.headers}
        event = Event(
            event_id=uuid.UUID(headers["ce_id"]),
            type=headers["ce_type"],
            aggregate_id=headers["ce_subject"],
            version=_version(headers["ce_sequence"]),
            occurred_at=_instant(headers["ce_time"]),
            traceparent=headers.get("traceparent", ""),
            headers=headers,
        )
    except KeyError as error:
        raise NoFact(f"header {error.args[0]} is missing") from error
    except ValueError as error:
        raise NoFact(f"malformed header ({type(error).__name__})") from error
    if topic_of(event.type) != topic or not _plain(event.type) or not _plain(event.aggregate_id):
        raise NoFact("type or subject does not belong here")
    return event


def _version(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:11]) <= MAX_VERSION:
        raise ValueError("sequence")
    return int(text)


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("time without zone")
    return moment


def _plain(text: str) -> bool:
    return 0 < len(text) <= MAX_TEXT and "\0" not in text


def read_fact(event: Event, fact: type[Message], value: bytes) -> Message:
    """The message of a fact.

    Raises Undecodable: malformed bytes, an enum value this release does not know, or another
    aggregate or version than the headers say.
    """
    try:
        message = fact.from_binary(value)
        _, aggregate, version = aggregate_of(message)
    except (ValueError, RecursionError) as error:
        raise Undecodable("malformed payload") from error
    if (aggregate, version) != (event.aggregate_id, event.version):
        raise Undecodable("headers and payload differ")
    _check_enums(message)
    return message


def _check_enums(message: Message) -> None:
    for name, known in _enums(type(message)):  # type: ignore[arg-type]
        found = getattr(message, name)
        if not known.issuperset(found if isinstance(found, list) else (found,)):
            raise Undecodable(f"unknown value of {name}")


@cache
def _enums(kind: Any) -> Sequence[tuple[str, frozenset[int]]]:
    """Fields of a message class that hold enums, and the numbers this release knows."""
    found = ((field.local_name, enum_of(field)) for field in kind.desc().fields)
    return [
        (name, frozenset(value.number for value in enum.values)) for name, enum in found if enum
    ]
