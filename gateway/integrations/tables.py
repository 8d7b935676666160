"""The tables as classes: what the migrations must have built (compared by a test)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlmodel import Field, SQLModel


def _instant(*, nullable: bool = True) -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=nullable)


class SendingRow(SQLModel, table=True):
    """A dispatch on its way."""

    __tablename__ = "sending"

    dispatch_id: UUID = Field(primary_key=True)
    channel: str
    urgent: bool
    made_at: datetime = Field(sa_column=_instant(nullable=False))
    due_at: datetime = Field(sa_column=_instant(nullable=False))
    attempts: int
    state: str
    reason: str
    claim: UUID | None
    claimed_until: datetime | None = Field(sa_column=_instant())


class FarEnd(SQLModel, table=True):
    """How a far end fares."""

    __tablename__ = "far_end"

    channel: str = Field(primary_key=True)
    failures: int
    failing_since: datetime | None = Field(sa_column=_instant())
    held_until: datetime | None = Field(sa_column=_instant())
    receipts_after: str
