"""The kernel's own tables as classes: what `kit/migrations` must have built (compared by a test)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary
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
