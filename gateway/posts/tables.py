"""The tables as classes: what the migrations must have built (compared by a test)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlmodel import Field, SQLModel


class Post(SQLModel, table=True):
    """A post, in force or not."""

    post_id: UUID = Field(primary_key=True)
    account: str
    role: str
    region_code: str
    region_path: str
    organization_id: str
    person_key: str
    valid_from: date
    valid_to: date | None
    granted_by: str
    revoked_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    revoked_by: str
    reason: str
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Grants(SQLModel, table=True):
    """Lowest grants version still accepted for an account."""

    account: str = Field(primary_key=True)
    version: int
