"""The tables as classes: what the migrations must have built (compared by a test)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Date, DateTime, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Filing(SQLModel, table=True):
    """A case."""

    filing_id: UUID = Field(primary_key=True)
    organization_id: UUID = Field(unique=True)
    version: int
    fact_version: int
    state: str
    owner: str
    province: str
    city: str
    county: str
    authority: str
    community: str
    region_path: str
    name: str
    form: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    persons: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    person_keys: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    materials: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    application_no: str | None = Field(unique=True)
    received_on: date | None
    rules: dict[str, Any] | None = Field(sa_column=Column(JSONB))
    rule_version: str
    pledge_version: str
    size_class: str
    member_mix: str
    opinion_due: date | None
    village_opinion: str
    village_opinion_text: str
    review_from: date | None
    correction_due: date | None
    correction_left: int
    correction_items: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    pauses: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    notice_ends: date | None
    notice_left: int
    objections: bytes | None = Field(sa_column=Column(LargeBinary))
    open_objections: int
    guidance: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    decide_due: date | None
    provisional: bool
    proposal: dict[str, Any] | None = Field(sa_column=Column(JSONB))
    proposed_by: str
    decision: str
    refusal_grounds: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    reason: str
    filing_no: str | None = Field(unique=True)
    printed_no: str
    decided_on: date | None
    valid_to: date | None
    renew_from: date | None
    renewal: dict[str, Any] | None = Field(sa_column=Column(JSONB))
    handler: str
    reminded: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
    timer_on: date | None
    erased_on: date | None
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class FilingStep(SQLModel, table=True):
    """A line of the history."""

    __tablename__ = "filing_step"

    filing_id: UUID = Field(primary_key=True, foreign_key="filing.filing_id")
    ordinal: int = Field(primary_key=True)
    action: str
    from_state: str
    to_state: str
    role: str
    business_on: date = Field(sa_column=Column(Date, nullable=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    reason: str
    rule_version: str
    owner: str
    organization_id: UUID
    region_path: str


class FilingName(SQLModel, table=True):
    """The name of a filed organization."""

    __tablename__ = "filing_name"

    filing_id: UUID = Field(primary_key=True)
    county: str
    name_key: str
    name: str
    free_on: date | None


class FilingSearch(SQLModel, table=True):
    """What a received filing's name is found by."""

    __tablename__ = "filing_search"

    filing_id: UUID = Field(primary_key=True)
    name_key: str
    grams: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


class Counter(SQLModel, table=True):
    """The last number drawn of a counter."""

    name: str = Field(primary_key=True)
    last: int


class RuleSetting(SQLModel, table=True):
    """A rule value of a region and class of activity from a day on."""

    __tablename__ = "rule_setting"

    key: str = Field(primary_key=True)
    region_path: str = Field(primary_key=True)
    lowered_class: str = Field(primary_key=True)
    effective_from: date = Field(primary_key=True)
    value: str
    basis: str
    document: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    setting_id: UUID


class RuleBound(SQLModel, table=True):
    """What the levels below a region may choose from."""

    __tablename__ = "rule_bound"

    key: str = Field(primary_key=True)
    region_path: str = Field(primary_key=True)
    effective_from: date = Field(primary_key=True)
    lowest: int
    highest: int
    choices: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    basis: str
    document: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))


class RuleBookVersion(SQLModel, table=True):
    """Counts the changes of rules; one row."""

    __tablename__ = "rule_book"

    one: bool = Field(primary_key=True)
    version: int


class FilingLetter(SQLModel, table=True):
    """A letter; `data` is what it says, empty once it was erased, `stored` that its files lie in the store."""

    __tablename__ = "filing_letter"

    letter_id: UUID = Field(primary_key=True)
    filing_id: UUID = Field(foreign_key="filing.filing_id")
    owner: str
    organization_id: UUID
    region_path: str
    kind: str
    edition: str
    number: str
    code: str = Field(unique=True)
    organization: str
    authority: str
    issued_on: date = Field(sa_column=Column(Date, nullable=False))
    standing: str
    ended_on: date | None
    data: bytes | None = Field(sa_column=Column(LargeBinary))
    stored: bool
    printed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    pdf_sha256: str
    pdf_size: int
    docx_sha256: str
    docx_size: int
    attempts: int
    try_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class ExportRow(SQLModel, table=True):
    """An export of the list."""

    __tablename__ = "filing_export"

    export_id: UUID = Field(primary_key=True)
    version: int
    state: str
    owner: str
    region_path: str
    post: str
    format: str
    conditions: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    reach: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    total: int
    done: int
    asked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    kept_until: date | None
    sha256: str
    size: int
    reason: str
    downloads: int
