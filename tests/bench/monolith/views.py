"""What the monolith takes and answers, as pydantic models: the same JSON as the product's."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from kit.regions import hainan
from services.filing.domain.case import Case


class Camel(BaseModel):
    """Fields in Python's spelling, JSON in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class Submit(Camel):
    """Body of a submission."""

    pledge_version: str = Field(max_length=40)
    version: int = Field(0, ge=0)


class Premises(Camel):
    """Place of activity."""

    address: str = Field("", max_length=200)
    tenure: str = ""
    provider: str = Field("", max_length=100)


class Charter(Camel):
    """The charter."""

    has_party_clause: bool = False
    has_core_values_clause: bool = False
    adopted_on: str = Field("", pattern=r"^(\d{4}-\d{2}-\d{2})?$")
    present: int = Field(0, ge=0)
    agreed: int = Field(0, ge=0)


class Principal(Camel):
    """A person in charge."""

    name: str = Field("", max_length=50)
    position: str = Field("", max_length=50)
    id_number: str = Field("", max_length=18)
    phone: str = Field("", max_length=20)
    is_official: bool = False


class Member(Camel):
    """A member."""

    name: str = Field("", max_length=100)
    is_unit: bool = False
    home_community: str = ""


class Form(Camel):
    """The application form."""

    name: str = Field("", max_length=100)
    organization_class: str = ""
    category: str = ""
    field_codes: list[str] = []
    target_groups: list[str] = []
    activity_scope: str = ""
    purpose: str = Field("", max_length=500)
    business_scope: str = Field("", max_length=500)
    fund_fen: int = Field(0, ge=0)
    staff_full: int = 0
    staff_part: int = 0
    premises: Premises = Field(default_factory=lambda: Premises.model_validate({}))
    charter: Charter = Field(default_factory=lambda: Charter.model_validate({}))
    principals: list[Principal] = Field([], max_length=50)
    members: list[Member] = Field([], max_length=500)


class Create(Camel):
    """Body of a new draft."""

    filing_id: UUID
    community_code: str = Field(pattern=r"^\d{12}$")
    form: Form


class Attach(Camel):
    """Body of a material: the receipt of its upload."""

    receipt: str = Field(min_length=1, max_length=2000)


class Place(Camel):
    """A place with its names."""

    code: str
    name: str
    full_name: str


class Material(Camel):
    """A material on file."""

    code: str
    file_id: str
    sha256: str
    media_type: str
    size: int
    completeness: str
    note: str


class Deadlines(Camel):
    """Where the clocks stand."""

    received_on: date | None
    opinion_due: date | None
    correction_due: date | None
    notice_ends: date | None
    decide_due: date | None
    provisional: bool


class Filing(Camel):
    """The whole case."""

    filing_id: str
    version: int
    organization_id: str
    state: str
    community: Place
    authority: Place
    form: Form
    materials: list[Material]
    application_no: str
    deadlines: Deadlines
    village_opinion: str
    village_opinion_text: str
    correction_items: list[str]
    decision: str
    refusal_grounds: list[str]
    reason: str
    filing_no: str
    printed_no: str
    decided_on: date | None
    size_class: str
    member_mix: str
    pledge_version: str
    rule_version: str
    valid_to: date | None
    handler: str


class Answer(Camel):
    """Answer of a change."""

    filing: Filing


class Summary(Camel):
    """A line of a list."""

    filing_id: UUID
    name: str
    state: str
    community_name: str
    application_no: str | None
    received_on: date | None
    decide_due: date | None
    proposed_decision: str
    version: int
    filing_no: str | None
    category: str
    handler: str
    open_objections: int


class Listed(Camel):
    """A page of a list."""

    filings: list[Summary]
    next_token: str


def place(code: str) -> Place:
    """A place of the tree."""
    return Place.model_validate(hainan().get(code))


def filing(case: Case) -> Filing:
    """The case for its applicant."""
    values: dict[str, Any] = {
        name: getattr(case, name) for name in Filing.model_fields if hasattr(case, name)
    }
    persons = {"principals": case.persons.principals, "members": case.persons.members}
    form = Form.model_validate(case.form)
    parts = {
        name: [_MODELS[name].model_validate(p) for p in found] for name, found in persons.items()
    }
    return Filing(
        **values
        | {
            "state": case.state.name,
            "community": place(case.place.community_code),
            "authority": place(case.place.authority_code),
            "form": form.model_copy(update=parts),
            "materials": [Material.model_validate(item) for item in case.materials],
            "deadlines": Deadlines.model_validate(case),
            "correction_items": list(case.correction_items),
            "refusal_grounds": list(case.refusal_grounds),
            "rule_version": case.rules.fingerprint if case.rules else "",
        }
    )


_MODELS: dict[str, type[Camel]] = {"principals": Principal, "members": Member}
