"""The tables as classes: what the migrations must have built (compared by a test)."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Column, Text
from sqlmodel import Field, SQLModel


class Organization(SQLModel, table=True):
    """What an organization is found by, in its present state."""

    organization_id: UUID = Field(primary_key=True)
    version: int
    status: str
    category: str
    filing_no: str
    name_key: str
    province: str
    city: str
    county: str
    township: str
    community: str


class RegisterState(SQLModel, table=True):
    """A state of an organization; it holds until the next one begins."""

    __tablename__ = "register_state"

    organization_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    cause: str
    since: date
    status: str
    regime: str
    name: str
    organization_class: str
    category: str
    field_codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    target_groups: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    filing_no: str
    printed_no: str
    community_code: str
    authority_code: str
    filed_on: date
    valid_to: date | None


class AnnouncementRow(SQLModel, table=True):
    """An announcement."""

    __tablename__ = "announcement"

    announcement_id: UUID = Field(primary_key=True)
    version: int
    state: str
    authority: str
    issuer_path: str
    kind: str
    title: str
    body: str
    chair: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    published_on: date | None
    withdrawn_on: date | None
    reason: str
