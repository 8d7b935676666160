"""The RPCs of the desk: persons in clear, guidance by the county, an inbox taken over."""

from grpc.aio import ServicerContext

from kit.errors import conflict, not_found
from proto.gen.minzheng.common.v1.access_pb import PersonalFields
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain import guidance
from services.filing.domain.case import ENDED
from services.filing.rpc import view
from services.filing.rpc.work import Work, actor


class DeskWork(Work):
    """What officers do beside deciding."""

    async def reveal_persons(
        self, request: pb.RevealPersonsRequest, context: ServicerContext
    ) -> pb.RevealPersonsResponse:
        """Persons in clear while the case is open; audited, 50 an hour."""

        async def attempt() -> pb.RevealPersonsResponse:
            case, moment, _ = await self.load(request.filing_id)
            if case.state in ENDED:
                raise conflict("filing.case_closed", "事项已办结，不能再查看完整个人信息。")
            form = view.form(case, PersonalFields.CLEAR)
            answer = pb.RevealPersonsResponse(principals=form.principals, members=form.members)
            await self.desk.reveal(case, moment, request.purpose.name, request, answer)
            return answer

        return await self.unit.once(request, pb.RevealPersonsResponse, attempt)

    async def get_material(
        self, request: pb.GetMaterialRequest, context: ServicerContext
    ) -> pb.GetMaterialResponse:
        """Which file a material is; an officer's reading is audited before it is answered."""
        case, moment, shown = await self.load(request.filing_id)
        code = request.code.name
        found = next((one for one in case.materials if one.code == code and one.file_id), None)
        if found is None:
            raise not_found()
        if shown is PersonalFields.CLEAR:
            await self.desk.opened(case, moment, code)
        return pb.GetMaterialResponse(material=view.material(found))

    async def write_guidance(
        self, request: pb.WriteGuidanceRequest, context: ServicerContext
    ) -> pb.WriteGuidanceResponse:
        """A comment of the county."""

        async def attempt() -> pb.WriteGuidanceResponse:
            case, moment, _ = await self.load(request.filing_id)
            outcome = guidance.guide(case, actor(), moment, request.guidance_id, request.text)
            answer = pb.WriteGuidanceResponse(guidance=view.guidance(outcome.case.guidance[-1]))
            await self.writer.save(outcome, moment, request, lambda _: answer)
            return answer

        return await self.unit.once(request, pb.WriteGuidanceResponse, attempt)

    async def list_guidance(
        self, request: pb.ListGuidanceRequest, context: ServicerContext
    ) -> pb.ListGuidanceResponse:
        """The comments on a case."""
        case, _, _ = await self.load(request.filing_id)
        return pb.ListGuidanceResponse(guidance=[view.guidance(item) for item in case.guidance])

    async def take_over_inbox(
        self, request: pb.TakeOverInboxRequest, context: ServicerContext
    ) -> pb.TakeOverInboxResponse:
        """Every open case of a colleague comes into the caller's hands."""

        async def attempt() -> pb.TakeOverInboxResponse:
            if request.from_account == actor().account:
                raise conflict("filing.own_inbox", "这些事项已由您经办。")
            answer = await self.desk.take_over(
                request.from_account,
                await self.reader.moment(),
                request,
                lambda count: pb.TakeOverInboxResponse(count=count),
            )
            assert isinstance(answer, pb.TakeOverInboxResponse)
            return answer

        return await self.unit.once(request, pb.TakeOverInboxResponse, attempt)
