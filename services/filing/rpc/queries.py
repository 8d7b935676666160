"""The RPCs that read."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from kit.access import OWNERS, list_filter
from kit.calendar import day_of
from kit.call import current
from kit.errors import invalid
from kit.names import normalize
from kit.paging import decode, encode
from proto.gen.minzheng.common.v1.access_pb import PersonalFields, Role
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.common.v1.problem_pb import FieldViolation
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain import names, submission
from services.filing.domain.case import ENDED, Case
from services.filing.domain.pledge import pledge_on
from services.filing.domain.requirements import uploads
from services.filing.rpc import rule_view, view
from services.filing.rpc.work import Work
from services.filing.store.lists import Page, Tab

SIZE = 20
TABS = {
    pb.InboxTab.UNSPECIFIED: Tab.WAITING,
    pb.InboxTab.OVERDUE: Tab.OVERDUE,
    pb.InboxTab.WITHIN_DAY: Tab.WITHIN_DAY,
    pb.InboxTab.CORRECTION: Tab.CORRECTION,
}
STEPS = 100


class Queries(Work):
    """Reads under the caller's scope."""

    async def check_name(
        self, request: pb.CheckNameRequest, context: ServicerContext
    ) -> pb.CheckNameResponse:
        """The check that submission makes, beforehand."""
        moment = await self.reader.moment()
        place = self.reader.place(request.community_code, moment.today)
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

    async def check_draft(
        self, request: pb.CheckDraftRequest, context: ServicerContext
    ) -> pb.CheckDraftResponse:
        """What submission would find today."""
        case, moment, _ = await self.load(request.filing_id)
        rules = self.reader.rules(case.place, case.form, moment.today)
        taken = await self.reader.name_taken(case.form.name, case.place)
        return pb.CheckDraftResponse(
            violations=[
                FieldViolation(field=one.field, rule=one.rule, message=one.message)
                for one in submission.missing(case, moment, rules, taken)
            ],
            uploads=[pb.MaterialCode[code] for code in uploads(case)],
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
        case, moment, shown = await self.load(request.filing_id)
        similar = await self._similar(case) if shown is PersonalFields.MASKED else ()
        return pb.GetFilingResponse(
            filing=view.filing(case, shown, moment), similar_names=list(similar)
        )

    async def _similar(self, case: Case) -> Sequence[str]:
        """Filed names like the one asked for, while the case is open."""
        if case.state in ENDED:
            return ()
        name, place = case.form.name, case.place
        return names.alike(
            name, place, await self.reader.names_with(names.brand(name, place), place)
        )

    async def get_filing_rules(
        self, request: pb.GetFilingRulesRequest, context: ServicerContext
    ) -> pb.GetFilingRulesResponse:
        """The set pinned at receipt, of the last renewal once there is one."""
        case, *_ = await self.load(request.filing_id)
        pinned, book = case.pinned.resolved if case.rules else (), self.reader.books.book
        return pb.GetFilingRulesResponse(
            rules=[rule_view.rule(one, book.definition(one.key)) for one in pinned]
        )

    async def get_history(
        self, request: pb.GetHistoryRequest, context: ServicerContext
    ) -> pb.GetHistoryResponse:
        """The steps of a case."""
        await self.load(request.filing_id)
        asked = request.page or PageRequest()
        size = asked.size or STEPS
        after = decode(asked.token, int)[0] if asked.token else -1
        rows = await self.reader.history(request.filing_id, current().who.scope, after, size + 1)
        token = encode(rows[size - 1]["ordinal"]) if len(rows) > size else ""
        entries = [view.step(dict(row)) for row in rows[:size]]
        return pb.GetHistoryResponse(entries=entries, page=PageResponse(next_token=token))

    async def list_own_filings(
        self, request: pb.ListOwnFilingsRequest, context: ServicerContext
    ) -> pb.ListOwnFilingsResponse:
        """The caller's own cases, newest first."""
        filings, page = await self._listed(_page(request.page))
        return pb.ListOwnFilingsResponse(filings=filings, page=page)

    async def list_inbox(
        self, request: pb.ListInboxRequest, context: ServicerContext
    ) -> pb.ListInboxResponse:
        """A part of what waits for the caller's post, the least time left first.

        A lead sees what others proposed.
        """
        call, asked = current(), request.page or PageRequest()
        who = call.who
        lead = who.subject if who.role is Role.TOWN_LEAD else None
        due, after = decode(asked.token, date.fromisoformat, UUID) if asked.token else (None, "")
        page = Page(
            asked.size or SIZE,
            str(after),
            tab=TABS[request.tab],
            after_due=due,
            handler=who.subject if request.mine else "",
            proposed_not_by=lead,
        )
        filings, rest = await self._listed(page)
        if not request.counted:
            return pb.ListInboxResponse(filings=filings, page=rest)
        found = list_filter(call.access, who)
        counts = await self.reader.counted(who.scope, found, who.subject, lead)
        return pb.ListInboxResponse(filings=filings, page=rest, counts=pb.InboxCounts(**counts))

    async def list_filings(
        self, request: pb.ListFilingsRequest, context: ServicerContext
    ) -> pb.ListFilingsResponse:
        """Cases in the caller's reach by the conditions asked for, newest first."""
        expect_search(request.search)
        filings, page = await self._listed(
            _page(
                request.page,
                state=view.name_of(request.state),
                category=view.name_of(request.category),
                search=request.search,
                received_from=day_of("received_from", request.received_from),
                received_to=day_of("received_to", request.received_to),
                overdue=request.overdue,
                place=request.place,
                done_by=current().who.subject if request.done_by_me else "",
            )
        )
        return pb.ListFilingsResponse(filings=filings, page=page)

    async def _listed(self, page: Page) -> tuple[list[pb.FilingSummary], PageResponse]:
        call, size = current(), page.size
        found = list_filter(call.access, call.who)
        rows = await self.reader.listed(call.who.scope, found, page)
        token = _token(page, dict(rows[size - 1])) if len(rows) > size else ""
        officer = call.who.role not in (Role.RESIDENT, *OWNERS)
        lines = [view.summary(dict(row), officer) for row in rows[:size]]
        return lines, PageResponse(next_token=token)


def _token(page: Page, last: Mapping[str, Any]) -> str:
    """The key of the last line: its id, where the time left sorts after the day of its limit."""
    key = str(last["filing_id"])
    return encode(view.due_of(last).isoformat(), key) if page.tab else encode(key)


def expect_search(text: str) -> None:
    """Refusal 422 for less than two characters to search for; nothing is no search."""
    if text and len(normalize(text)) < 2:
        raise invalid("filing.search_short", "请输入至少两个字符进行查询。")


def _page(asked: PageRequest | None, **conditions: Any) -> Page:
    asked = asked or PageRequest()
    after = str(decode(asked.token, UUID)[0]) if asked.token else ""
    return Page(asked.size or SIZE, after, **conditions)
