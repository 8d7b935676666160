"""The case: everything the rules of a filing look at."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto

from kit.rules import RuleSet


class State(Enum):
    """States of SM-01; names as in the contract."""

    DRAFT = auto()
    SUBMITTED = auto()
    VILLAGE_REVIEW = auto()
    COMPLETENESS = auto()
    CORRECTION = auto()
    NOTICE_PERIOD = auto()
    FILED = auto()
    REFUSED = auto()
    LAPSED = auto()
    WITHDRAWN = auto()
    RENEW_DUE = auto()
    EXPIRED = auto()


ENDED = frozenset({State.FILED, State.REFUSED, State.LAPSED, State.WITHDRAWN, State.EXPIRED})
"""Nothing is to be done; a filed organization may still come to its renewal."""


@dataclass(frozen=True, slots=True)
class Premises:
    """Place of activity."""

    address: str = ""
    tenure: str = ""
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Charter:
    """The charter as adopted."""

    has_party_clause: bool = False
    has_core_values_clause: bool = False
    adopted_on: str = ""
    present: int = 0
    agreed: int = 0


@dataclass(frozen=True, slots=True)
class Principal:
    """A person in charge (personal data)."""

    name: str = ""
    position: str = ""
    id_number: str = ""
    phone: str = ""
    is_official: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A member, person or unit (personal data)."""

    name: str = ""
    is_unit: bool = False
    home_community: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The application form BA-01 without its persons."""

    name: str = ""
    organization_class: str = ""
    category: str = ""
    field_codes: tuple[str, ...] = ()
    target_groups: tuple[str, ...] = ()
    activity_scope: str = ""
    purpose: str = ""
    business_scope: str = ""
    fund_fen: int = 0
    staff_full: int = 0
    staff_part: int = 0
    premises: Premises = field(default_factory=Premises)
    charter: Charter = field(default_factory=Charter)


@dataclass(frozen=True, slots=True)
class Persons:
    """The persons of the form; kept apart because they are encrypted."""

    principals: tuple[Principal, ...] = ()
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """A material on file; `completeness` is empty until the review marks it."""

    code: str
    file_id: str = ""
    sha256: str = ""
    media_type: str = ""
    size: int = 0
    completeness: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case lies: community and authority with names and paths."""

    community_code: str
    community_name: str
    region_path: str
    authority_code: str
    authority_name: str
    authority_path: str
    authority_word: str
    """Word of the authority in printed numbers, e.g. 大同社备."""
    county_code: str
    name_prefixes: tuple[str, ...] = ()
    """What a name must begin with, longest first (章 5.8)."""


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection raised in the public notice; `outcome` is empty while nobody has answered it."""

    objection_id: str
    ground: str
    text: str
    raised_on: date
    by: str
    by_person: str = ""
    outcome: str = ""
    answer: str = ""
    answered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Guidance:
    """A comment of the county."""

    guidance_id: str
    text: str
    role: str
    written_on: date


@dataclass(frozen=True, slots=True)
class Finding:
    """What is found on an objection that was taken up."""

    objection_id: str
    outcome: str
    answer: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the clerk proposes and another person decides."""

    decision: str
    grounds: tuple[str, ...]
    reason: str
    by: str
    by_person: str
    findings: tuple[Finding, ...] = ()
    by_chair: tuple[str, ...] = ()
    """Everybody who counts as the proposer; empty where kept before there were delegations."""

    @property
    def chair(self) -> frozenset[str]:
        """Accounts and blind indexes that count as the proposer."""
        return frozenset((self.by, self.by_person, *self.by_chair)) - {""}


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count for the decision: after `since`, up to and including `until`."""

    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Renewal:
    """An application for renewal, judged by the rules of its day; pending until `decided_on`."""

    received_on: date
    rules: RuleSet
    by: str
    by_person: str = ""
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A filing."""

    filing_id: str
    organization_id: str
    owner: str
    place: Place
    state: State = State.DRAFT
    version: int = 0
    fact_version: int = 0
    form: Form = field(default_factory=Form)
    persons: Persons = field(default_factory=Persons)
    person_keys: tuple[str, ...] = ()
    """Blind indexes of the principals' identity numbers."""
    materials: tuple[Material, ...] = ()
    application_no: str = ""
    received_on: date | None = None
    rules: RuleSet | None = None
    pledge_version: str = ""
    size_class: str = ""
    member_mix: str = ""
    opinion_due: date | None = None
    village_opinion: str = ""
    village_opinion_text: str = ""
    review_from: date | None = None
    correction_due: date | None = None
    correction_left: int = 0
    """Days of the correction notice that were left when the applicant resubmitted."""
    correction_items: tuple[str, ...] = ()
    pauses: tuple[Pause, ...] = ()
    notice_ends: date | None = None
    notice_left: int = 0
    """Days of an interrupted notice that are still to be held."""
    objections: tuple[Objection, ...] = ()
    decide_due: date | None = None
    provisional: bool = False
    proposal: Proposal | None = None
    decision: str = ""
    refusal_grounds: tuple[str, ...] = ()
    reason: str = ""
    filing_no: str = ""
    printed_no: str = ""
    decided_on: date | None = None
    valid_to: date | None = None
    renew_from: date | None = None
    """First day of the time for renewal."""
    renewal: Renewal | None = None
    """The last application for renewal."""
    guidance: tuple[Guidance, ...] = ()
    erased_on: date | None = None
    """Day on which the persons were erased: their time was over."""
    handler: str = ""
    """Account of the clerk who has the case in hand."""
    reminded: tuple[tuple[str, int], ...] = ()
    """Highest level reminded of, by clock."""

    def material(self, code: str) -> Material | None:
        """The material of that code, if it is on file."""
        return next((item for item in self.materials if item.code == code), None)

    @property
    def pinned(self) -> RuleSet:
        """The rules that judge the case: of the day of receipt, of the renewal's once there is one."""
        rules = self.renewal.rules if self.renewal else self.rules
        assert rules is not None, "a received case has its rules"
        return rules

    @property
    def pending(self) -> Renewal | None:
        """The application for renewal that waits for its decision."""
        return self.renewal if self.renewal and self.renewal.decided_on is None else None

    def concerns(self, chair: frozenset[str]) -> bool:
        """Somebody of these is the applicant, a principal, or who applied for the renewal."""
        by = (self.renewal.by, self.renewal.by_person) if self.renewal else ()
        return bool(chair & ({self.owner, *self.person_keys, *by} - {""}))
