"""The tables as classes: what the migrations must have built (compared by a test)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Text
from sqlmodel import Field, SQLModel


class Message(SQLModel, table=True):
    """A message to an account or to (role, node)."""

    message_id: UUID = Field(primary_key=True)
    to_account: str
    to_role: str
    to_node: str
    node_path: str
    subject: str
    body: str
    template: str
    template_version: int
    about: str
    event_id: UUID
    ordinal: int
    sent_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class ReadMark(SQLModel, table=True):
    """When an account first read a message."""

    __tablename__ = "read_mark"

    message_id: UUID = Field(primary_key=True, foreign_key="message.message_id")
    account: str = Field(primary_key=True)
    read_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class ContactRow(SQLModel, table=True):
    """Encrypted contact details of an account."""

    __tablename__ = "contact"

    account: str = Field(primary_key=True)
    name_cell: bytes | None
    phone_cell: bytes | None
    email_cell: bytes | None
    phone_keys: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    channels: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    only_necessary: bool
    daily: bool
    version: int


class DispatchRow(SQLModel, table=True):
    """Messages that leave to one account by one way at one time."""

    __tablename__ = "dispatch"

    dispatch_id: UUID = Field(primary_key=True)
    account: str
    channel: str
    urgent: bool
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str
    attempts: int
    reason: str
    settled_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))


class Dispatched(SQLModel, table=True):
    """A message of a dispatch."""

    dispatch_id: UUID = Field(primary_key=True, foreign_key="dispatch.dispatch_id")
    message_id: UUID = Field(primary_key=True, foreign_key="message.message_id")
    template: str
