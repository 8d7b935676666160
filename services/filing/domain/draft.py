"""The draft: start, save, attach materials, withdraw."""

from dataclasses import replace

from kit.errors import conflict
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, Form, Material, Persons, Place, State
from services.filing.domain.facts import FilingWithdrawn, head
from services.filing.domain.objections import objectors
from services.filing.domain.outcome import Outcome, Step, day, moved, stated


def create(
    filing_id: str, organization_id: str, place: Place, form: Form, persons: Persons, actor: Actor
) -> Outcome:
    """A new draft of the applicant for a community (SM-01 create)."""
    case = Case(
        filing_id, organization_id, actor.account, place, version=1, form=form, persons=persons
    )
    return Outcome(case, Step("create_draft", None, State.DRAFT, actor.role))


def edit(case: Case, actor: Actor, form: Form, persons: Persons) -> Outcome:
    """The whole form replaced; silent."""
    return Outcome(*moved(case, actor, "edit_draft", State.DRAFT, form=form, persons=persons))


def attach(case: Case, actor: Actor, material: Material) -> Outcome:
    """A material put on file in place of an older one; the review marks it anew.

    Raises Refusal when a correction does not ask for it.
    """
    if case.state is State.CORRECTION and material.code not in case.correction_items:
        raise conflict("filing.material_not_asked", "补正告知书没有要求补交该材料。")
    others = tuple(item for item in case.materials if item.code != material.code)
    materials = tuple(sorted((*others, material), key=lambda item: item.code))
    return Outcome(*moved(case, actor, "upload_material", case.state, materials=materials))


def withdraw(case: Case, actor: Actor, moment: Moment, reason: str) -> Outcome:
    """The applicant takes the filing back before the decision; a draft ends silently."""
    after, step = moved(
        case, actor, "withdraw", State.WITHDRAWN,
        reason=reason, decided_on=moment.today, proposal=None,
    )  # fmt: skip
    after = replace(after, reason=reason)
    if case.state is State.DRAFT:
        return Outcome(after, step)
    fact = FilingWithdrawn(*head(case, actor.role), day(moment), objectors(case))
    return stated(after, step, fact)
