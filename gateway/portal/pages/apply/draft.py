"""What the pages of a filing share: the case, its steps, what is still missing, who changed it last."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.portal import Visit, _
from gateway.portal.forms import Form, Texts, of_form
from gateway.portal.pages.apply import forms
from kit.errors import Violation, not_found
from proto.gen.minzheng.filing.v1.filing_pb import (
    CheckDraftRequest,
    CheckDraftResponse,
    Filing,
    FilingState,
    GetFilingRequest,
    GetHistoryRequest,
    HistoryEntry,
    MaterialCode,
)

STEPS = (
    ("basic", _("组织基本信息")),
    ("people", _("负责人与成员")),
    ("charter", _("宗旨与章程")),
    ("materials", _("材料上传")),
)
MATERIALS = "materials."


@dataclass(frozen=True, slots=True)
class Task:
    """A step as the task list shows it."""

    name: str
    label: str
    path: str
    missing: int


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


def violations_of(found: CheckDraftResponse) -> list[Violation]:
    """As refusals state them."""
    return [Violation(one.field, one.rule, one.message) for one in found.violations]


def of_step(step: str, filing: Filing, violations: Iterable[Violation]) -> list[Violation]:
    """Those that a step can mend."""
    if step == "materials":
        return [one for one in violations if one.field.startswith(MATERIALS)]
    return of_form(form_of(step, filing), violations)


def tasks(filing: Filing, violations: Iterable[Violation]) -> list[Task]:
    """The steps with what is missing in each."""
    every = list(violations)
    return [
        Task(name, label, path_of(filing, name), len(of_step(name, filing, every)))
        for name, label in STEPS
    ]


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


def proposed(filing: Filing) -> Texts:
    """What stands in a first step that nobody filled in: the committee usually gives the place."""
    begun = filing.form is not None and filing.form.premises is not None
    if begun and filing.form.premises.address or filing.community is None:
        return {}
    name = filing.community.name
    return {"form.premises.provider": (f"{name}{'委会' if name.endswith('村') else '居委会'}",)}


def unanswered(filing: Filing) -> list[MaterialCode]:
    """Items of the notice for which nothing new was uploaded yet: their marks still stand."""
    marks = {one.code: one.completeness for one in filing.materials}
    return [code for code in filing.correction_items if marks.get(code) != 0]
