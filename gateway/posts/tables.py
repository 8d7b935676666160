"""The tables as classes: what the migrations must have built (compared by a test)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Text
from sqlmodel import Field, SQLModel


class Post(SQLModel, table=True):
    """A post, in force or not."""

    post_id: UUID = Field(primary_key=True)
    account: str
    role: str
    region_code: str
    region_path: str
    organization_id: str
    id_number: bytes | None
    person_keys: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    valid_from: date
    valid_to: date | None
    granted_by: str
    granted_key: str
    confirmed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    confirmed_by: str
    delegated_from: UUID | None = Field(foreign_key="post.post_id")
    delegator: str
    delegator_key: str
    import_id: UUID | None = Field(foreign_key="post_import.import_id")
    revoked_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    revoked_by: str
    reason: str
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class PostImport(SQLModel, table=True):
    """Posts proposed together from one file."""

    __tablename__ = "post_import"

    import_id: UUID = Field(primary_key=True)
    region_path: str
    rows: int
    sha256: str
    proposed_by: str
    proposed_key: str
    proposed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    confirmed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    declined_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    closed_by: str
    reason: str


class Grants(SQLModel, table=True):
    """Lowest grants version still accepted for an account, and who disabled it."""

    account: str = Field(primary_key=True)
    version: int
    disabled_by: str
    disabled_key: str
