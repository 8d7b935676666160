"""Reading a case with everything beside it, and what the contract offers this person now."""

import asyncio
from typing import Any

from gateway.portal import Visit
from gateway.portal.pages.gov.desk import back_of, chip
from gateway.portal.pages.gov.seen import Seen
from gateway.portal.parts import part
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from proto.gen.minzheng.filing.v1.letters_pb import ListLettersRequest

STEPS = 100
OWN_STEPS = ("edit_draft", "upload_material")
"""Steps of the applicant at the draft: nothing that a desk need know."""
CAN: dict[str, Any] = {
    "opinion": pb.GiveVillageOpinionRequest,
    "review": pb.MarkCompletenessRequest,
    "return": pb.ReturnForCorrectionRequest,
    "start_notice": pb.StartNoticeRequest,
    "handle": pb.HandleObjectionRequest,
    "propose": pb.ProposeDecisionRequest,
    "decide": pb.DecideFilingRequest,
    "reveal": pb.RevealPersonsRequest,
    "guide": pb.WriteGuidanceRequest,
    "letters": ListLettersRequest,
    "open": pb.GetMaterialRequest,
}
APART = ("reveal", "guide", "letters", "open")
"""What a person may do who is recused from handling."""


async def seen(visit: Visit, filing_id: str, back: str = "") -> Seen:
    """The case with everything beside it, asked for at once. Refusal where it cannot be read."""
    found = await visit.ask(pb.GetFilingRequest(filing_id=filing_id))
    state = pb.FilingState(found.filing.state).name
    page = PageRequest(size=STEPS)
    history, rules, guidance, letters = await asyncio.gather(
        part(visit, pb.GetHistoryRequest(filing_id=filing_id, page=page), state),
        part(visit, pb.GetFilingRulesRequest(filing_id=filing_id), state),
        part(visit, pb.ListGuidanceRequest(filing_id=filing_id), state),
        part(visit, ListLettersRequest(filing_id=filing_id), state),
    )
    steps = [one for one in getattr(history, "entries", ()) if one.action not in OWN_STEPS]
    return Seen(
        filing=found.filing,
        chip=chip(found.filing),
        steps=steps,
        rules=getattr(rules, "rules", ()),
        guidance=getattr(guidance, "guidance", None),
        letters=getattr(letters, "letters", None),
        similar=found.similar_names,
        back=back or back_of(visit),
        away=any(isinstance(one, Exception) for one in (history, rules, guidance, letters)),
        can=offered(visit, found.filing, state),
    )


def offered(visit: Visit, filing: pb.Filing, state: str) -> frozenset[str]:
    """What the contract offers the role in this state, less what the two-person rule takes away."""
    found = {name for name, request in CAN.items() if visit.may(request, state)}
    if filing.recused:
        found &= set(APART)
    if not filing.proposed_decision or filing.own_proposal:
        found -= {"decide"}
    if filing.state == pb.FilingState.RENEW_DUE and not filing.due_on:
        found -= {"propose"}
    return frozenset(found)
