"""What the pages of a filing share: the case, its steps and their forms, who changed it last."""

from gateway.portal import Visit, _
from gateway.portal.forms import Form
from gateway.portal.pages.apply import forms
from kit.errors import not_found
from proto.gen.minzheng.filing.v1.filing_pb import (
    CheckDraftRequest,
    CheckDraftResponse,
    Filing,
    FilingState,
    GetFilingRequest,
    GetHistoryRequest,
    HistoryEntry,
)

STEPS = (
    ("basic", _("组织基本信息")),
    ("people", _("负责人与成员")),
    ("charter", _("宗旨与章程")),
    ("materials", _("材料上传")),
)


async def filing_of(visit: Visit) -> Filing:
    """The case the address names."""
    asked = GetFilingRequest(filing_id=visit.path["filing_id"])
    filing: Filing = (await visit.ask(asked)).filing
    return filing


async def checked(visit: Visit, filing: Filing) -> CheckDraftResponse:
    """What submission would find in a draft."""
    found: CheckDraftResponse = await visit.ask(CheckDraftRequest(filing_id=filing.filing_id))
    return found


async def last_change(visit: Visit, filing: Filing) -> HistoryEntry:
    """The last step of a case: who changed it and when."""
    asked = GetHistoryRequest(filing_id=filing.filing_id)
    entry: HistoryEntry = (await visit.ask(asked)).entries[-1]
    return entry


def form_of(step: str, filing: Filing) -> Form:
    """The form of a step; Refusal 404 for a step there is none of."""
    community = filing.community.code if filing.community else ""
    every = {"basic": forms.BASIC, "charter": forms.CHARTER, "people": forms.people(community)}
    if step not in every:
        raise not_found()
    return every[step]


def after(step: str) -> str:
    """The step that follows; the check after the last one."""
    names = [name for name, _label in STEPS]
    return [*names[1:], "check"][names.index(step)]


def path_of(filing: Filing, step: str = "") -> str:
    """Address of a step, or of the task list."""
    return f"/apply/filing/{filing.filing_id}" + (f"/{step}" if step else "")


def open_for(filing: Filing, step: str) -> bool:
    """The step may be changed: every one of a draft, the materials in a correction."""
    if filing.state is FilingState.CORRECTION:
        return step == "materials"
    return filing.state is FilingState.DRAFT


def number(text: str) -> int:
    """The version a form was made of; what is none asks for any, and the service says no to it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
