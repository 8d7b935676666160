"""What officers see of a case beyond its other readers."""

from typing import Any

from kit.call import current
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain.case import Case


def for_officers(case: Case) -> dict[str, Any]:
    """Who handles the case, what is proposed, and whether the caller may have a part in it."""
    chair, proposal = current().who.actor.chair, case.proposal
    told: dict[str, Any] = {"handler": case.handler, "recused": case.concerns(chair)}
    if proposal is None:
        return told
    return told | {
        "own_proposal": bool(chair & proposal.chair),
        "proposed_grounds": [pb.RefusalGround[ground] for ground in proposal.grounds],
        "proposed_reason": proposal.reason,
        "proposed_findings": [
            pb.ObjectionFinding(
                objection_id=one.objection_id,
                outcome=pb.ObjectionOutcome[one.outcome],
                answer=one.answer,
            )
            for one in proposal.findings
        ],
    }
