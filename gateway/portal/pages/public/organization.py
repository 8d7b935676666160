"""`/register/{id}`: what everybody may know of one organization, today or on a day gone by."""

import asyncio
import json
import re
from typing import Any

from gateway.portal import Response, Visit, page
from gateway.portal.headers import PRIVATE
from kit.errors import Refusal
from kit.settings import settings
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.supervision.v1.register_pb import (
    GetOrganizationHistoryRequest,
    GetOrganizationRequest,
    Organization,
    OrganizationStatus,
)

COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


async def read(visit: Visit) -> Organization:
    """The organization on the day asked for. Raises Refusal 404."""
    day = COMPACT.sub(r"\1-\2-\3", visit.query.get("as_of", "").strip())
    asked = GetOrganizationRequest(organization_id=visit.path["organization_id"], as_of=day)
    found: Organization = (await visit.ask(asked)).organization
    return found


async def history(visit: Visit) -> Any:
    """Its states, oldest first; None where they cannot be read now."""
    asked = GetOrganizationHistoryRequest(
        organization_id=visit.path["organization_id"], page=PageRequest(size=100)
    )
    try:
        return (await visit.ask(asked)).states
    except Refusal:
        return None


@page("/register/{organization_id}")
async def organization(visit: Visit) -> Response:
    """The page; a history that is away leaves the rest standing."""
    one, states = await asyncio.gather(read(visit), history(visit))
    return visit.show(
        "public/organization.html",
        one=one,
        states=states,
        as_of=visit.query.get("as_of", ""),
    )


@page("/register/{organization_id}/data.jsonld")
async def as_data(visit: Visit) -> Response:
    """The same for search engines (schema.org)."""
    one = await read(visit)
    content = json.dumps(described(one), ensure_ascii=False).encode()
    return Response(content, headers=PRIVATE, media_type="application/ld+json")


def described(one: Organization) -> dict[str, Any]:
    """An organization in words of schema.org."""
    known = {
        "@context": "https://schema.org",
        "@type": "NGO",
        "@id": f"{settings().public_url.rstrip('/')}/register/{one.organization_id}",
        "name": one.name,
        "identifier": one.filing_no,
        "foundingDate": one.filed_on,
        "areaServed": one.community.full_name if one.community else "",
    }
    if one.status is OrganizationStatus.EXPIRED:
        known["dissolutionDate"] = one.since
    return known
