"""The tables as classes: what the migrations must have built (compared by a test)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Identity, LargeBinary, Text
from sqlmodel import Field, SQLModel


class FeedHead(SQLModel, table=True):
    """The last position given out."""

    __tablename__ = "feed_head"

    one: bool = Field(primary_key=True)
    position: int = Field(sa_column=Column(BigInteger, nullable=False))


class OrganizationStateRow(SQLModel, table=True):
    """Public state of an organization now."""

    __tablename__ = "organization_state"

    organization_id: UUID = Field(primary_key=True)
    region_path: str
    sequence: int
    state: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class FeedRow(SQLModel, table=True):
    """One public change."""

    __tablename__ = "feed"

    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    event_id: UUID = Field(unique=True)
    organization_id: UUID
    sequence: int
    type: str
    region_path: str
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    traceparent: str
    state: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Published(SQLModel, table=True):
    """The last position written to the public topics."""

    __tablename__ = "published"

    one: bool = Field(primary_key=True)
    position: int = Field(sa_column=Column(BigInteger, nullable=False))


class SubscriptionRow(SQLModel, table=True):
    """A subscription; secrets are sealed under its id."""

    __tablename__ = "subscription"

    subscription_id: UUID = Field(primary_key=True)
    account: str
    region_code: str
    region_path: str
    types: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    purpose: str
    url: str
    networks: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    requested_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str
    version: int
    fact_version: int
    decided_by: str
    reason: str
    stopped_by: str
    secret_cell: bytes | None = Field(sa_column=Column(LargeBinary))
    former_cell: bytes | None = Field(sa_column=Column(LargeBinary))
    former_until: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    live_from: int | None = Field(sa_column=Column(BigInteger))
    failures: int
    failing_since: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    held_until: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))


class DeliveryRow(SQLModel, table=True):
    """An event on its way to a department."""

    __tablename__ = "delivery"

    number: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    subscription_id: UUID
    position: int = Field(sa_column=Column(BigInteger, nullable=False))
    organization_id: UUID
    redelivery: bool
    delivered: bool
    attempts: int
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    claim: UUID | None
    claimed_until: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    outcome: str
    status: int
    tried_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
