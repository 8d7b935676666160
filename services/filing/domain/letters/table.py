"""Which letters arise at which step, which end there (specification §9.4), and how each is set."""

from collections.abc import Callable, Mapping

from kit.codes import nine_digits
from kit.papers import Paper
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case, State
from services.filing.domain.letters import (
    acceptance,
    application,
    correction,
    pledge,
    receipt,
    refusal,
)
from services.filing.domain.letters.letter import Ending, Kind, Letter, Marks, Standing, Told
from services.filing.domain.letters.words import word_of
from services.filing.domain.outcome import Outcome

EDITION = "2026-01"
"""What letters are set by from now on; they name it at their foot."""
ARISING: Mapping[str, tuple[Kind, ...]] = {
    "submit": (Kind.BA01, Kind.BA02, Kind.BA03),
    "renew": (Kind.BA02, Kind.BA03),
    "return_for_correction": (Kind.BA04,),
}
DECIDED = {State.FILED: (Kind.BA05,), State.REFUSED: (Kind.BA06,)}
SAYING: Mapping[Kind, Callable[[Case, Moment], Told]] = {
    Kind.BA01: application.told,
    Kind.BA02: pledge.told,
    Kind.BA03: receipt.told,
    Kind.BA04: correction.told,
    Kind.BA05: acceptance.told,
    Kind.BA06: refusal.told,
}
SETTING: Mapping[str, Mapping[Kind, Callable[[Told, Marks], Paper]]] = {
    EDITION: {
        Kind.BA01: application.paper,
        Kind.BA02: pledge.paper,
        Kind.BA03: receipt.paper,
        Kind.BA04: correction.paper,
        Kind.BA05: acceptance.paper,
        Kind.BA06: refusal.paper,
    }
}
"""Templates by edition: one that letters bear stays as it is."""
WORDS = {Kind.BA04: "补", Kind.BA06: "不"}
"""Letters with a number of their own: what follows the word of the authority."""
AGAIN = (Kind.BA04, Kind.BA05)
"""Letters of which a case has one that stands: a new one takes its place."""


def arising(outcome: Outcome, moment: Moment) -> tuple[Letter, ...]:
    """The letters a step asks for."""
    step = outcome.step
    kinds = DECIDED.get(step.to_state, ()) if step.action == "decide" else ARISING.get(step.action)
    return tuple(_letter(kind, outcome.case, moment) for kind in kinds or ())


def _letter(kind: Kind, case: Case, moment: Moment) -> Letter:
    told, year = SAYING[kind](case, moment), moment.today.year
    if kind in WORDS:
        counter = f"{kind.form}:{nine_digits(case.place.authority_code)}:{year}"
        return Letter(kind, told, word_of(case, WORDS[kind], year), counter)
    numbers = {Kind.BA02: case.pledge_version, Kind.BA05: case.printed_no}
    return Letter(kind, told, numbers.get(kind, case.application_no))


def ending(outcome: Outcome) -> Ending | None:
    """The letters that a step ends; those that a new one replaces among them."""
    step = outcome.step
    if step.to_state in (State.WITHDRAWN, State.LAPSED) and step.action in ("withdraw", "expire"):
        return Ending(tuple(Kind), Standing.WITHDRAWN)
    if step.action == "end":
        return Ending((Kind.BA05,), Standing.EXPIRED)
    kinds = DECIDED.get(step.to_state, ()) if step.action == "decide" else ARISING.get(step.action)
    again = tuple(kind for kind in kinds or () if kind in AGAIN)
    return Ending(again, Standing.REPLACED) if again else None


def setting(kind: Kind, edition: str, told: Told, marks: Marks) -> Paper:
    """The letter in the words of its edition."""
    return SETTING[edition][kind](told, marks)
