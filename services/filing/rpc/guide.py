"""The RPCs of the guide: what is asked for where, registration or filing, how a case stands."""

from grpc.aio import ServicerContext

from kit.access import require
from kit.call import current
from kit.errors import not_found
from kit.places import region
from kit.regions import Level, Node
from kit.rules import RuleSet
from proto.gen.minzheng.common.v1.region_pb import Region
from proto.gen.minzheng.filing.v1 import guide_pb as pb
from proto.gen.minzheng.filing.v1.guide_pb_grpc import GuideServiceService
from services.filing.domain import guide, tracking
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case
from services.filing.rpc import guide_view as view
from services.filing.rpc import rule_view
from services.filing.rpc.notice import PUBLIC
from services.filing.rpc.rules import place
from services.filing.rpc.view import name_of
from services.filing.rpc.work import subject_of
from services.filing.store.read import KEYS, Reader

KIND = "tracking"


class GuideRpc(GuideServiceService):
    """The servicer."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    async def list_materials(
        self, request: pb.ListMaterialsRequest, context: ServicerContext
    ) -> pb.ListMaterialsResponse:
        """Materials, conditions and limits of a place."""
        node, moment = place(request.region_code), await self.reader.moment()
        rules = self._rules(node, moment, name_of(request.lowered_class))
        book = self.reader.books.book
        found = [rule_view.rule(one, book.definition(one.key)) for one in rules.resolved]
        return pb.ListMaterialsResponse(
            region=region(node.code),
            authority=self._authority(node, moment),
            materials=[view.material(one) for one in guide.materials(rules)],
            rules=[one for one in found if one.key in KEYS],
        )

    async def assess_group(
        self, request: pb.AssessGroupRequest, context: ServicerContext
    ) -> pb.AssessGroupResponse:
        """Advice by the thresholds of the place."""
        node, moment = place(request.region_code), await self.reader.moment()
        rules = self._rules(node, moment, name_of(request.lowered_class))
        group = guide.Group(
            pb.GroupForm(request.form).name,
            individuals=request.individuals,
            units=request.units,
            staff=request.staff,
            fund_yuan=request.fund_yuan,
        )
        found = guide.assess(group, rules)
        return pb.AssessGroupResponse(
            advice=pb.Advice[found.advice],
            reason=found.reason,
            registration=[view.checked(one) for one in found.registration],
            filing=[view.checked(one) for one in found.filing],
        )

    async def get_tracking_code(
        self, request: pb.GetTrackingCodeRequest, context: ServicerContext
    ) -> pb.GetTrackingCodeResponse:
        """The applicant's own."""
        call = current()
        case, _ = await self.reader.load(request.filing_id, call.who.scope)
        require(call.access, call.who, subject_of(case))
        code = tracking.code_of(self._digests(case)[-1])
        return pb.GetTrackingCodeResponse(application_no=case.application_no, code=code)

    async def track_filing(
        self, request: pb.TrackFilingRequest, context: ServicerContext
    ) -> pb.TrackFilingResponse:
        """How a case stands; Refusal NOT_FOUND alike for an unknown number and a wrong code."""
        case, moment = await self.reader.numbered(request.application_no.strip().upper(), PUBLIC)
        if not tracking.fits(request.code, self._digests(case)):
            raise not_found()
        return view.tracked(case, moment.today)

    def _digests(self, case: Case) -> list[str]:
        blind = self.reader.keyring.blind(case.filing_id, KIND)
        return [one.partition(".")[2] for one in blind]

    def _rules(self, node: Node, moment: Moment, lowered_class: str) -> RuleSet:
        keys = (*KEYS, *guide.REGISTRATION)
        return self.reader.books.book.pin(keys, node.path, moment.today, lowered_class)

    def _authority(self, node: Node, moment: Moment) -> Region | None:
        """Of a community; above it there may be several."""
        if node.level is not Level.COMMUNITY:
            return None
        return region(self.reader.place(node.code, moment.today).authority_code)
