"""`/gov/orgs`: organizations of the place, and each one's facts, cases and history."""

import asyncio

from gateway.portal import Response, Visit, _, page
from gateway.portal.filters import place_name, term, word
from gateway.portal.pages.gov.below import below, narrowed
from gateway.portal.pages.gov.shelf import shelf
from gateway.portal.parts import part
from gateway.portal.query import address, choices, chosen, listed
from kit.data import terms
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1.filing_pb import ListFilingsRequest
from proto.gen.minzheng.filing.v1.letters_pb import ListLettersRequest
from proto.gen.minzheng.supervision.v1 import register_pb as pb

PATH = "/gov/orgs"
FILTERS = ("search", "region", "category", "status")


@page(PATH, asks=ListFilingsRequest, menu="机构", order=30)
async def orgs(visit: Visit) -> Response:
    """A page of the register, of the post's own place unless one below it is chosen."""
    sought = {name: visit.query.get(name, "").strip() for name in FILTERS}
    sought["region"] = narrowed(visit, sought["region"])
    asked = pb.SearchOrganizationsRequest(
        search=sought["search"],
        region=sought["region"] or (visit.who.region if visit.who else ""),
        category=sought["category"],
        status=chosen(pb.OrganizationStatus, sought["status"]),
        page=PageRequest(size=20, token=visit.query.get("token", "")),
    )
    found, pager = await listed(visit, PATH, sought, asked)
    chips = in_words(sought)
    return visit.show(
        "gov/orgs.html",
        part="gov/_orgs.html",
        sought=sought,
        found=found.organizations if found else [],
        chips=chips,
        shelf=await shelf(visit, PATH, sought, [text for text, _path in chips]),
        csv=address("/register.csv", sought, region=asked.region),
        places=below(visit),
        categories=[(code, _(text)) for code, text in terms("CATEGORY").items()],
        statuses=choices(pb.OrganizationStatus),
        **pager,
    )


def in_words(sought: dict[str, str]) -> list[tuple[str, str]]:
    """Conditions in words, each with the address without it."""
    status = chosen(pb.OrganizationStatus, sought["status"])
    told = {
        "search": sought["search"],
        "region": place_name(sought["region"]),
        "category": term(sought["category"], "CATEGORY"),
        "status": word(status) if status else "",
    }
    return [(text, address(PATH, sought, **{name: ""})) for name, text in told.items() if text]


@page("/gov/orgs/{organization_id}", asks=ListFilingsRequest)
async def org(visit: Visit) -> Response:
    """One organization; cases and history that are away leave the rest standing."""
    organization_id = visit.path["organization_id"]
    one = (await visit.ask(pb.GetOrganizationRequest(organization_id=organization_id))).organization
    page = PageRequest(size=100)
    states, cases = await asyncio.gather(
        part(visit, pb.GetOrganizationHistoryRequest(organization_id=organization_id, page=page)),
        part(visit, ListFilingsRequest(search=one.filing_no)),
    )
    return visit.show(
        "gov/org.html",
        one=one,
        states=getattr(states, "states", None),
        cases=getattr(cases, "filings", None),
        may_read_letters=visit.may(ListLettersRequest),
    )
