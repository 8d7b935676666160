"""What a rule returns: the new case, the step for the history, the fact."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from kit.errors import Kind, Refusal
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, State
from services.filing.domain.facts import Head


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the history."""

    action: str
    from_state: State | None
    to_state: State
    role: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """New state and fact; `fact` is None for a change that is silent outside."""

    case: Case
    step: Step
    fact: Head | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """An outcome that needs the next number of a counter.

    `gap_free` numbers are drawn in the transaction that writes the case.
    """

    counter: str
    gap_free: bool
    finish: Callable[[int], Outcome]


def moved(
    case: Case, actor: Actor, action: str, to: State, *, reason: str = "", **changes: Any
) -> tuple[Case, Step]:
    """The case in its new state with its version counted on, and the step taken.

    The clerk who acts has the case in hand from then on.
    """
    if actor.role == "TOWN_CLERK":
        changes["handler"] = actor.account
    after = replace(case, state=to, version=case.version + 1, **changes)
    return after, Step(action, case.state, to, actor.role, reason)


def stated(after: Case, step: Step, fact: Head) -> Outcome:
    """An outcome that states a fact: the facts of the organization are counted on."""
    return Outcome(replace(after, fact_version=after.fact_version + 1), step, fact)


def independent(case: Case, actor: Actor) -> None:
    """The handler is neither the applicant nor a principal of the case (specification §0.3).

    Nor is the one in whose stead the handler acts.
    """
    if case.concerns(actor.chair):
        raise Refusal(
            Kind.CONFLICT, "filing.own_case", "您是本事项的申请人或负责人，应当回避，不能办理。"
        )


def day(moment: Moment) -> str:
    """The legal day as text."""
    return moment.today.isoformat()
