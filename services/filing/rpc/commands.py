"""The RPCs that change a filing."""

from grpc.aio import ServicerContext

from kit.acting import expect_version
from kit.ids import uuid7
from kit.receipts import refused, verify_receipt
from proto.gen.minzheng.common.v1.access_pb import PersonalFields
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain import decision, draft, renewal, review, submission
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, Finding, Material
from services.filing.domain.outcome import Outcome
from services.filing.rpc import view
from services.filing.rpc.work import Work, actor


class Commands(Work):
    """Changes of a case, one rule each."""

    async def create_draft(
        self, request: pb.CreateDraftRequest, context: ServicerContext
    ) -> pb.CreateDraftResponse:
        """A draft for a community in force that has a filing authority."""

        async def attempt() -> pb.CreateDraftResponse:
            moment = await self.reader.moment()
            place = self.reader.place(request.community_code, moment.today)
            form, persons = view.form_from(request.form)
            outcome = draft.create(request.filing_id, str(uuid7()), place, form, persons, actor())
            return await self.save(
                outcome, moment, request, pb.CreateDraftResponse, PersonalFields.OWN
            )

        return await self.unit.once(request, pb.CreateDraftResponse, attempt)

    async def update_draft(
        self, request: pb.UpdateDraftRequest, context: ServicerContext
    ) -> pb.UpdateDraftResponse:
        """The whole form replaced."""
        form, persons = view.form_from(request.form)
        return await self.change(
            request,
            pb.UpdateDraftResponse,
            lambda case, who, _: draft.edit(case, who, form, persons),
        )

    async def attach_material(
        self, request: pb.AttachMaterialRequest, context: ServicerContext
    ) -> pb.AttachMaterialResponse:
        """A file put on record by the gateway's receipt, which must be the caller's own."""

        def rule(case: Case, who: Actor, _: Moment) -> Outcome:
            receipt = verify_receipt(request.receipt, self.keys)
            if receipt.account != who.account:
                raise refused()
            material = Material(
                request.code.name, receipt.file_id, receipt.sha256, receipt.media_type, receipt.size
            )
            return draft.attach(case, who, material)

        return await self.change(request, pb.AttachMaterialResponse, rule)

    async def submit_filing(
        self, request: pb.SubmitFilingRequest, context: ServicerContext
    ) -> pb.SubmitFilingResponse:
        """收件: the rules of the day are read and pinned, the name is checked."""

        async def attempt() -> pb.SubmitFilingResponse:
            case, moment, shown = await self.load(request.filing_id)
            expect_version(case.version, request.version)
            rules = self.reader.rules(case.place, case.form, moment.today)
            taken = await self.reader.name_taken(case.form.name, case.place)
            outcome = submission.submit(case, actor(), moment, rules, request.pledge_version, taken)
            return await self.save(outcome, moment, request, pb.SubmitFilingResponse, shown)

        return await self.unit.once(request, pb.SubmitFilingResponse, attempt)

    async def give_village_opinion(
        self, request: pb.GiveVillageOpinionRequest, context: ServicerContext
    ) -> pb.GiveVillageOpinionResponse:
        """The opinion of the committees."""
        return await self.change(
            request,
            pb.GiveVillageOpinionResponse,
            lambda case, who, now: review.give_opinion(
                case, who, now, request.opinion.name, request.text
            ),
        )

    async def mark_completeness(
        self, request: pb.MarkCompletenessRequest, context: ServicerContext
    ) -> pb.MarkCompletenessResponse:
        """Findings on the materials."""
        findings = [(f.code.name, f.completeness.name, f.note) for f in request.findings]
        return await self.change(
            request,
            pb.MarkCompletenessResponse,
            lambda case, who, _: review.mark(case, who, findings),
        )

    async def return_for_correction(
        self, request: pb.ReturnForCorrectionRequest, context: ServicerContext
    ) -> pb.ReturnForCorrectionResponse:
        """The one notice of correction."""
        return await self.change(request, pb.ReturnForCorrectionResponse, review.return_once)

    async def resubmit_filing(
        self, request: pb.ResubmitFilingRequest, context: ServicerContext
    ) -> pb.ResubmitFilingResponse:
        """The correction answered."""
        return await self.change(request, pb.ResubmitFilingResponse, review.resubmit)

    async def start_notice(
        self, request: pb.StartNoticeRequest, context: ServicerContext
    ) -> pb.StartNoticeResponse:
        """Public notice."""
        return await self.change(request, pb.StartNoticeResponse, decision.start_notice)

    async def propose_decision(
        self, request: pb.ProposeDecisionRequest, context: ServicerContext
    ) -> pb.ProposeDecisionResponse:
        """The clerk's proposal."""
        grounds = tuple(ground.name for ground in request.grounds)
        findings = tuple(
            Finding(item.objection_id, item.outcome.name, item.answer)
            for item in request.objections
        )
        return await self.change(
            request,
            pb.ProposeDecisionResponse,
            lambda case, who, now: decision.propose(
                case, who, now, request.decision.name, grounds, request.reason, findings
            ),
        )

    async def decide_filing(
        self, request: pb.DecideFilingRequest, context: ServicerContext
    ) -> pb.DecideFilingResponse:
        """The decision of the second person."""
        return await self.change(
            request,
            pb.DecideFilingResponse,
            lambda case, who, now: decision.decide(case, who, now, request.agree, request.note),
        )

    async def apply_for_renewal(
        self, request: pb.ApplyForRenewalRequest, context: ServicerContext
    ) -> pb.ApplyForRenewalResponse:
        """The organization asks for renewal: the rules of the day are read and pinned."""
        return await self.change(
            request,
            pb.ApplyForRenewalResponse,
            lambda case, who, now: renewal.apply(
                case,
                who,
                now,
                self.reader.rules(case.place, case.form, now.today),
                request.pledge_version,
            ),
        )

    async def withdraw_filing(
        self, request: pb.WithdrawFilingRequest, context: ServicerContext
    ) -> pb.WithdrawFilingResponse:
        """The applicant takes the filing back."""
        return await self.change(
            request,
            pb.WithdrawFilingResponse,
            lambda case, who, now: draft.withdraw(case, who, now, request.reason),
        )
