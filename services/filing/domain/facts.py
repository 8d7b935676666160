"""Facts of a filing. Fields are those of the contract's messages; a test compares both."""

from dataclasses import dataclass

from services.filing.domain.case import Case


@dataclass(frozen=True, slots=True)
class Head:
    """What every fact of a filing says."""

    organization_id: str
    fact_version: int
    filing_id: str
    name: str
    region_path: str
    community_code: str
    authority_code: str
    applicant_account: str
    actor_role: str


@dataclass(frozen=True, slots=True)
class FilingSubmitted(Head):
    """已收件"""

    application_no: str
    received_on: str
    decide_due: str
    opinion_asked: bool
    opinion_due: str


@dataclass(frozen=True, slots=True)
class FilingReturned(Head):
    """已告知补正"""

    missing: tuple[str, ...]
    correction_due: str


@dataclass(frozen=True, slots=True)
class FilingResubmitted(Head):
    """已补正"""

    resubmitted_on: str


@dataclass(frozen=True, slots=True)
class FilingLapsed(Head):
    """视为撤回"""

    lapsed_on: str
    objector_accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilingNoticeStarted(Head):
    """公示开始"""

    notice_ends: str


@dataclass(frozen=True, slots=True)
class FilingObjected(Head):
    """异议已受理"""

    ground: str
    objected_on: str
    objector_account: str


@dataclass(frozen=True, slots=True)
class FilingObjectionRaised(Head):
    """居民提出异议"""

    ground: str
    raised_on: str


@dataclass(frozen=True, slots=True)
class FilingObjectionAnswered(Head):
    """异议已答复"""

    outcome: str
    answered_on: str
    objector_account: str


@dataclass(frozen=True, slots=True)
class FilingGuided(Head):
    """县级已提出指导意见"""

    guided_on: str


@dataclass(frozen=True, slots=True)
class FilingOpinionRecorded(Head):
    """村（社区）意见已记录"""

    opinion: str
    recorded_on: str
    decide_due: str


@dataclass(frozen=True, slots=True)
class FilingReminded(Head):
    """时限提醒"""

    clock: str
    level: int
    clock_due: str
    renewal: bool


@dataclass(frozen=True, slots=True)
class OrganizationFiled(Head):
    """准予备案"""

    filing_no: str
    printed_no: str
    organization_class: str
    category: str
    filed_on: str
    valid_to: str
    community_name: str
    authority_name: str
    size_class: str
    member_mix: str
    field_codes: tuple[str, ...]
    target_groups: tuple[str, ...]
    objector_accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilingRefused(Head):
    """不予备案"""

    grounds: tuple[str, ...]
    decided_on: str
    objector_accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilingWithdrawn(Head):
    """已撤回"""

    withdrawn_on: str
    objector_accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RenewalDue(Head):
    """待换发"""

    filing_no: str
    valid_to: str
    due_on: str


@dataclass(frozen=True, slots=True)
class FilingRenewalApplied(Head):
    """已申请换发"""

    filing_no: str
    received_on: str
    decide_due: str


@dataclass(frozen=True, slots=True)
class FilingRenewed(Head):
    """已换发"""

    filing_no: str
    renewed_on: str
    valid_to: str


@dataclass(frozen=True, slots=True)
class FilingExpired(Head):
    """备案已到期"""

    filing_no: str
    valid_to: str
    expired_on: str


def head(case: Case, role: str) -> tuple[str, int, str, str, str, str, str, str, str]:
    """Values of `Head` for the next fact of a case."""
    return (
        case.organization_id,
        case.fact_version + 1,
        case.filing_id,
        case.form.name,
        case.place.region_path,
        case.place.community_code,
        case.place.authority_code,
        case.owner,
        role,
    )
