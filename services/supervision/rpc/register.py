"""The RPCs of the public register: everybody may call them, nobody signs in for it."""

from dataclasses import dataclass

from grpc.aio import ServicerContext

from kit.calendar import day_of
from kit.errors import invalid, not_found
from kit.names import normalize
from kit.paging import decode, encode
from kit.places import region
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.supervision.v1 import register_pb as pb
from proto.gen.minzheng.supervision.v1.register_pb_grpc import RegisterServiceService
from services.supervision.domain.register import State
from services.supervision.rpc.pages import SIZE, opened
from services.supervision.store.register import Register
from services.supervision.store.search import Asked, Search


@dataclass(frozen=True, slots=True)
class RegisterRpc(RegisterServiceService):
    """The servicer."""

    register: Register
    search: Search

    async def search_organizations(
        self, request: pb.SearchOrganizationsRequest, context: ServicerContext
    ) -> pb.SearchOrganizationsResponse:
        """Present states; one row more than asked shows whether a page follows."""
        if request.search and len(normalize(request.search)) < 2:
            raise invalid("register.search_short", "请输入至少两个字符进行查询。")
        size, after = opened(request.page)
        status = pb.OrganizationStatus(request.status)
        asked = Asked(
            size + 1,
            after,
            words=request.search,
            region=request.region,
            status=status.name if status else "",
            category=request.category,
        )
        states = await self.search.find(asked)
        token = encode(states[size - 1].organization_id) if len(states) > size else ""
        return pb.SearchOrganizationsResponse(
            organizations=[shown(state) for state in states[:size]],
            page=PageResponse(next_token=token),
        )

    async def get_organization(
        self, request: pb.GetOrganizationRequest, context: ServicerContext
    ) -> pb.GetOrganizationResponse:
        """The state on the day asked for."""
        day = day_of("as_of", request.as_of)
        state = await self.register.as_of(request.organization_id, day)
        return pb.GetOrganizationResponse(organization=shown(state))

    async def get_organization_history(
        self, request: pb.GetOrganizationHistoryRequest, context: ServicerContext
    ) -> pb.GetOrganizationHistoryResponse:
        """Every state; the key of a page is the version."""
        asked = request.page or PageRequest()
        size = asked.size or SIZE
        after = decode(asked.token, int)[0] if asked.token else 0
        states = await self.register.history(request.organization_id, after, size + 1)
        if not states and not after:
            raise not_found()
        token = encode(states[size - 1].version) if len(states) > size else ""
        return pb.GetOrganizationHistoryResponse(
            states=[shown(state) for state in states[:size]], page=PageResponse(next_token=token)
        )


def shown(state: State) -> pb.Organization:
    """A state as everybody sees it."""
    return pb.Organization(
        organization_id=state.organization_id,
        version=state.version,
        name=state.name,
        regime=state.regime,
        organization_class=state.organization_class,
        category=state.category,
        field_codes=list(state.field_codes),
        target_groups=list(state.target_groups),
        filing_no=state.filing_no,
        printed_no=state.printed_no,
        community=region(state.community_code),
        authority=region(state.authority_code),
        status=pb.OrganizationStatus[state.status.name],
        filed_on=state.filed_on.isoformat(),
        valid_to=state.valid_to.isoformat() if state.valid_to else "",
        since=state.since.isoformat(),
        cause=pb.RegisterCause[state.cause.name],
    )
