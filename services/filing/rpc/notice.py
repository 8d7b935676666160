"""The RPCs of the public notice: objections by residents, their handling by the authority."""

from grpc.aio import ServicerContext

from kit.call import current
from kit.errors import not_found
from kit.identity import system
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain import objections
from services.filing.rpc import view
from services.filing.rpc.work import Work, actor

PUBLIC = system("filing").scope
"""A notice is public: a resident reaches the case through it, whosever it is; nothing of the case is answered."""


class Notice(Work):
    """Objections."""

    async def object_to_filing(
        self, request: pb.ObjectToFilingRequest, context: ServicerContext
    ) -> pb.ObjectToFilingResponse:
        """An objection raised."""

        async def attempt() -> pb.ObjectToFilingResponse:
            case, moment, _ = await self.load(request.filing_id, PUBLIC)
            outcome = objections.object_to(
                case, actor(), moment, request.objection_id, request.ground.name, request.text
            )
            raised = objections.found(outcome.case, request.objection_id)
            answer = pb.ObjectToFilingResponse(objection=view.objection(raised))
            await self.writer.save(outcome, moment, request, lambda _: answer, scope=PUBLIC)
            return answer

        return await self.unit.once(request, pb.ObjectToFilingResponse, attempt)

    async def get_own_objection(
        self, request: pb.GetOwnObjectionRequest, context: ServicerContext
    ) -> pb.GetOwnObjectionResponse:
        """The caller's own objection and its answer; anybody else's is not found."""
        case, _, _ = await self.load(request.filing_id, PUBLIC)
        objection = objections.found(case, request.objection_id)
        if objection.by != current().who.subject:
            raise not_found()
        return pb.GetOwnObjectionResponse(objection=view.objection(objection))

    async def handle_objection(
        self, request: pb.HandleObjectionRequest, context: ServicerContext
    ) -> pb.HandleObjectionResponse:
        """An objection answered or taken up."""
        return await self.change(
            request,
            pb.HandleObjectionResponse,
            lambda case, who, now: objections.handle(
                case, who, now, request.objection_id, request.outcome.name, request.answer
            ),
        )
