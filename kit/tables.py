"""The kernel's own tables as classes: what `kit/migrations` must have built (compared by a test)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, DateTime, Identity, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Clock(SQLModel, table=True):
    """The business clock: days it stands ahead of the database's; one row."""

    __tablename__ = "clock"
    __table_args__ = {"schema": "kit"}

    one: bool = Field(primary_key=True)
    shift_days: int


class Request(SQLModel, table=True):
    """A request that was answered, by the caller's key."""

    __tablename__ = "request"
    __table_args__ = {"schema": "kit"}

    subject: str = Field(primary_key=True)
    method: str = Field(primary_key=True)
    key: UUID = Field(primary_key=True)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    response: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class AuditRow(SQLModel, table=True):
    """Who did or was refused what, when, under which rules."""

    __tablename__ = "audit"
    __table_args__ = {"schema": "kit"}

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    business_on: date | None
    subject: str
    role: str
    post_id: str
    action: str
    object_id: str
    region_path: str
    outcome: str
    reason: str
    from_state: str
    to_state: str
    rule_version: str
    decision_id: UUID
    traceparent: str
    service: str
    key_id: int
    mac: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed: bool


class AuditLink(SQLModel, table=True):
    """An audit row's place in the chain."""

    __tablename__ = "audit_chain"
    __table_args__ = {"schema": "kit"}

    number: int = Field(sa_column=Column(BigInteger, primary_key=True))
    audit_id: int = Field(sa_column=Column(BigInteger, unique=True, nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    link: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class AuditCheckpoint(SQLModel, table=True):
    """A signed statement of where the chain stood."""

    __tablename__ = "audit_checkpoint"
    __table_args__ = {"schema": "kit"}

    number: int = Field(sa_column=Column(BigInteger, primary_key=True))
    line: str


class AuditCheckRow(SQLModel, table=True):
    """A walk along the audit chain."""

    __tablename__ = "audit_check"
    __table_args__ = {"schema": "kit"}

    began_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    ended_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    whole: bool
    rows: int = Field(sa_column=Column(BigInteger, nullable=False))
    checkpoints: int
    unsealed: int
    finding: str


class FloorRow(SQLModel, table=True):
    """Lowest grants version accepted of an account."""

    __tablename__ = "floor"
    __table_args__ = {"schema": "kit"}

    account: str = Field(primary_key=True)
    version: int
    raised_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class OutboxRow(SQLModel, table=True):
    """A fact on its way out."""

    __tablename__ = "outbox"
    __table_args__ = {"schema": "kit"}

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: UUID = Field(unique=True)
    aggregatetype: str
    aggregateid: str
    aggregate_version: int
    partition_key: str
    type: str
    schema_version: int
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    headers: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    published_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))


class InboxRow(SQLModel, table=True):
    """A fact taken in charge."""

    __tablename__ = "inbox"
    __table_args__ = {"schema": "kit"}

    consumer: str = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class PositionRow(SQLModel, table=True):
    """Last fact of an aggregate that was applied or ignored."""

    __tablename__ = "position"
    __table_args__ = {"schema": "kit"}

    consumer: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    aggregate: str = Field(primary_key=True)
    version: int


class PausedRow(SQLModel, table=True):
    """A consumer at rest."""

    __tablename__ = "paused"
    __table_args__ = {"schema": "kit"}

    consumer: str = Field(primary_key=True)
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    reason: str


class KeptFactRow(SQLModel, table=True):
    """A fact that a read side was built from."""

    __tablename__ = "kept_fact"
    __table_args__ = {"schema": "kit"}

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: UUID = Field(unique=True)
    aggregate: str = Field(index=True)
    type: str
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    occurred_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class WaitingRow(SQLModel, table=True):
    """A fact set aside: behind a gap, or to be tried again."""

    __tablename__ = "waiting"
    __table_args__ = {"schema": "kit"}

    consumer: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    aggregate: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    key: str
    value: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    headers: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    reason: str
    tries: int
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class ParkedRow(SQLModel, table=True):
    """A fact given up until a person replays it."""

    __tablename__ = "parked"
    __table_args__ = {"schema": "kit"}

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    consumer: str
    topic: str
    aggregate: str
    version: int | None
    key: str
    value: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    headers: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    reason: str
    parked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
