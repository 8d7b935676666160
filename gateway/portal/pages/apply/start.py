"""`/apply/filing/start`: the community the organization works for; a draft is made for it."""

from collections.abc import Sequence

from gateway.portal import Response, Visit, action, page
from gateway.portal.pages.apply import places
from gateway.portal.places import chosen_of, levels
from kit.errors import Refusal
from kit.regions import Node
from proto.gen.minzheng.filing.v1.filing_pb import (
    CreateDraftRequest,
    FilingState,
    Form,
    ListOwnFilingsRequest,
)

MOST = 20
"""Places of one name that are listed."""


@page("/apply/filing/start", asks=CreateDraftRequest)
async def start(visit: Visit) -> Response:
    """Where, and the drafts that may be gone on with."""
    return await shown(visit)


@action("/apply/filing/start", asks=CreateDraftRequest)
async def create(visit: Visit) -> Response:
    """Make the draft, once however often it is sent."""
    sent = await visit.form()
    if sent["reload"]:
        return await shown(visit)
    try:
        nodes = places.meant(sent.texts)
        if len(nodes) > 1:
            return await shown(visit, nodes)
        form = Form(name=nodes[0].place)
        asked = CreateDraftRequest(
            filing_id=sent["filing_id"], community_code=nodes[0].code, form=form
        )
        filing = (await visit.ask(asked)).filing
    except Refusal as refusal:
        mine = refusal if refusal.violations else places.at_place(refusal.detail)
        return await shown(visit.refused(mine))
    return visit.go(f"/apply/filing/{filing.filing_id}")


async def shown(visit: Visit, several: Sequence[Node] = ()) -> Response:
    """The page; `several` places bear the name that was typed."""
    own = (await visit.ask(ListOwnFilingsRequest())).filings
    drafts = [one for one in own if one.state is FilingState.DRAFT]
    chosen = chosen_of(places.COMMUNITY, visit.typed)
    return visit.show(
        "apply/start.html", drafts=drafts, several=several[:MOST], more=len(several) > MOST,
        levels=levels(places.COMMUNITY, chosen), open=bool(chosen),
    )  # fmt: skip
