"""Guidance by the county: a comment to the filing authority, never a decision (T11.3)."""

from kit.errors import conflict
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, Guidance
from services.filing.domain.facts import FilingGuided, head
from services.filing.domain.outcome import Outcome, day, moved, stated

MOST = 100
"""Comments a case may bear."""


def guide(case: Case, actor: Actor, moment: Moment, guidance_id: str, text: str) -> Outcome:
    """The comment on record; the case stays where it is, in the township's hands."""
    if len(case.guidance) >= MOST:
        raise conflict("filing.guidance_full", f"一件事项最多记录{MOST}条指导意见。")
    written = Guidance(guidance_id, text, actor.role, moment.today)
    after, step = moved(
        case, actor, "write_guidance", case.state, guidance=(*case.guidance, written)
    )
    return stated(after, step, FilingGuided(*head(case, actor.role), guided_on=day(moment)))
