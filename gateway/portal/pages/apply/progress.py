"""How far a draft, or the answer to a correction, has come."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.portal.forms import Texts, of_form
from gateway.portal.pages.apply import draft
from kit.errors import Violation
from proto.gen.minzheng.filing.v1.filing_pb import CheckDraftResponse, Filing, MaterialCode

MATERIALS = "materials."


@dataclass(frozen=True, slots=True)
class Task:
    """A step as the task list shows it."""

    name: str
    label: str
    path: str
    missing: int


def violations_of(found: CheckDraftResponse) -> list[Violation]:
    """As refusals state them."""
    return [Violation(one.field, one.rule, one.message) for one in found.violations]


def tasks(filing: Filing, violations: Iterable[Violation]) -> list[Task]:
    """The steps with what is missing in each."""
    every = list(violations)
    return [
        Task(name, label, draft.path_of(filing, name), len(of_step(name, filing, every)))
        for name, label in draft.STEPS
    ]


def of_step(step: str, filing: Filing, violations: Iterable[Violation]) -> list[Violation]:
    """Those that a step can mend."""
    if step == "materials":
        return [one for one in violations if one.field.startswith(MATERIALS)]
    return of_form(draft.form_of(step, filing), violations)


def unanswered(filing: Filing) -> list[MaterialCode]:
    """Items of the notice for which nothing new was uploaded yet: their marks still stand."""
    marks = {one.code: one.completeness for one in filing.materials}
    return [code for code in filing.correction_items if marks.get(code) != 0]


def proposed(filing: Filing) -> Texts:
    """What stands in a first step that nobody filled in: the committee usually gives the place."""
    premises = filing.form.premises if filing.form else None
    if (premises and premises.address) or filing.community is None:
        return {}
    return {"form.premises.provider": (filing.community.name,)}
