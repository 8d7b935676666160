"""Persons of what came to nothing are erased after a year (specification §2, retention)."""

from datetime import timedelta

from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, Persons, State
from services.filing.domain.outcome import Outcome, moved

KEPT = timedelta(days=365)
FRUITLESS = frozenset({State.REFUSED, State.LAPSED, State.WITHDRAWN})


def erase(case: Case, actor: Actor, moment: Moment) -> Outcome | None:
    """The case without its persons and the texts of objections; None while they may be kept."""
    if case.state not in FRUITLESS or case.erased_on or case.decided_on is None:
        return None
    if moment.today <= case.decided_on + KEPT:
        return None
    return Outcome(
        *moved(
            case, actor, "erase_persons", case.state,
            persons=Persons(), person_keys=(), objections=(), erased_on=moment.today,
        )
    )  # fmt: skip
