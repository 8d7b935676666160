"""The tables of the embedded log as classes (compared with its migrations by a test)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Identity, Integer, LargeBinary
from sqlmodel import Field, SQLModel


class Topic(SQLModel, table=True):
    """A topic."""

    __tablename__ = "topic"
    __table_args__ = {"schema": "log"}

    id: int = Field(sa_column=Column(Integer, Identity(always=True), primary_key=True))
    name: str = Field(unique=True)
    partitions: int


class Head(SQLModel, table=True):
    """The next offset of a partition."""

    __tablename__ = "head"
    __table_args__ = {"schema": "log"}

    topic_id: int = Field(primary_key=True, foreign_key="log.topic.id")
    partition: int = Field(primary_key=True)
    next_offset: int = Field(sa_column=Column(BigInteger, nullable=False))


class RecordRow(SQLModel, table=True):
    """A record."""

    __tablename__ = "record"
    __table_args__ = {"schema": "log"}

    topic_id: int = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    offset: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    key: str
    value: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    headers: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    appended_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Committed(SQLModel, table=True):
    """How far a group has come."""

    __tablename__ = "committed"
    __table_args__ = {"schema": "log"}

    consumer_group: str = Field(primary_key=True)
    topic_id: int = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    next_offset: int = Field(sa_column=Column(BigInteger, nullable=False))
