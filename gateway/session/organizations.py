"""Names of the organizations at which somebody holds posts: two of them in one place look alike else."""

import asyncio
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from starlette.requests import Request

from gateway.calling import Calling
from kit.errors import Refusal
from proto.gen.minzheng.supervision.v1.register_pb import GetOrganizationRequest

NO_NAMES: Mapping[str, str] = MappingProxyType({})


async def names(calling: Calling, request: Request, ids: Iterable[str | None]) -> Mapping[str, str]:
    """Names by id as the public register has them; what it cannot tell now is left out."""
    wanted = sorted({one for one in ids if one})
    told = await asyncio.gather(*(_name(calling, request, one) for one in wanted))
    return {one: name for one, name in zip(wanted, told, strict=True) if name}


async def _name(calling: Calling, request: Request, organization_id: str) -> str:
    try:
        found = await calling.ask(request, GetOrganizationRequest(organization_id=organization_id))
    except Refusal:
        return ""
    return str(found.organization.name) if found.organization else ""
