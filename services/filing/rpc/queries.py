"""The RPCs that read."""

from uuid import UUID

from grpc.aio import ServicerContext

from kit.access import list_filter
from kit.call import current
from kit.paging import decode, encode
from kit.regions import hainan
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain import names
from services.filing.domain.place import place_of
from services.filing.domain.pledge import pledge_on
from services.filing.rpc import view
from services.filing.rpc.work import Work
from services.filing.store.read import Page

SIZE = 20


class Queries(Work):
    """Reads under the caller's scope."""

    async def check_name(
        self, request: pb.CheckNameRequest, context: ServicerContext
    ) -> pb.CheckNameResponse:
        """The check that submission makes, beforehand."""
        tree, moment = hainan(), await self.reader.moment()
        authority = tree.filing_authority(request.community_code, moment.today)
        place = place_of(tree.get(request.community_code), authority)
        taken = await self.reader.name_taken(request.name, place)
        findings = names.check_name(request.name, place, taken)
        return pb.CheckNameResponse(
            verdict=pb.NameVerdict[names.verdict(findings).name],
            findings=[
                pb.NameFinding(
                    rule=f.rule, verdict=pb.NameVerdict[f.verdict.name], message=f.message
                )
                for f in findings
            ],
        )

    async def get_pledge_text(
        self, request: pb.GetPledgeTextRequest, context: ServicerContext
    ) -> pb.GetPledgeTextResponse:
        """The pledge in force."""
        pledge = pledge_on((await self.reader.moment()).today)
        return pb.GetPledgeTextResponse(
            version=pledge.version, text=pledge.text, sha256=pledge.sha256
        )

    async def get_filing(
        self, request: pb.GetFilingRequest, context: ServicerContext
    ) -> pb.GetFilingResponse:
        """A case, its persons shown by the caller's right."""
        case, _, shown = await self.load(request.filing_id)
        return pb.GetFilingResponse(filing=view.filing(case, shown))

    async def get_history(
        self, request: pb.GetHistoryRequest, context: ServicerContext
    ) -> pb.GetHistoryResponse:
        """The steps of a case."""
        await self.load(request.filing_id)
        rows = await self.reader.history(request.filing_id, current().who.scope)
        return pb.GetHistoryResponse(entries=[view.step(dict(row)) for row in rows])

    async def list_own_filings(
        self, request: pb.ListOwnFilingsRequest, context: ServicerContext
    ) -> pb.ListOwnFilingsResponse:
        """The caller's own cases, newest first."""
        filings, page = await self._listed(request.page)
        return pb.ListOwnFilingsResponse(filings=filings, page=page)

    async def list_inbox(
        self, request: pb.ListInboxRequest, context: ServicerContext
    ) -> pb.ListInboxResponse:
        """What waits for the caller's post, oldest first; a lead sees what others proposed."""
        who = current().who
        lead = who.subject if who.role is Role.TOWN_LEAD else None
        filings, page = await self._listed(request.page, newest_first=False, proposed_not_by=lead)
        return pb.ListInboxResponse(filings=filings, page=page)

    async def list_filings(
        self, request: pb.ListFilingsRequest, context: ServicerContext
    ) -> pb.ListFilingsResponse:
        """Cases in the caller's reach, newest first."""
        filings, page = await self._listed(request.page, state=view.name_of(request.state))
        return pb.ListFilingsResponse(filings=filings, page=page)

    async def _listed(
        self,
        asked: PageRequest | None,
        *,
        newest_first: bool = True,
        state: str = "",
        proposed_not_by: str | None = None,
    ) -> tuple[list[pb.FilingSummary], PageResponse]:
        call, asked = current(), asked or PageRequest()
        size = asked.size or SIZE
        after = str(decode(asked.token, UUID)[0]) if asked.token else ""
        page = Page(size, after, newest_first, state, proposed_not_by)
        found = list_filter(call.access, call.who)
        rows = await self.reader.listed(call.who.scope, found, page)
        token = encode(str(rows[size - 1]["filing_id"])) if len(rows) > size else ""
        return [view.summary(dict(row)) for row in rows[:size]], PageResponse(next_token=token)
