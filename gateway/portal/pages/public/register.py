"""`/register`: every organization there is and was, by name, number, place, category and status."""

from gateway.portal import Response, Visit, _, page
from gateway.portal.filters import term, word
from gateway.portal.pages.public.register_places import PATH, one_below, parts_of, typed
from gateway.portal.places import MOST, counties, line, options
from gateway.portal.query import address, choices, chosen, listed
from kit.data import terms
from kit.regions import hainan
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.supervision.v1.register_pb import (
    OrganizationStatus,
    SearchOrganizationsRequest,
)

FILTERS = ("search", "region", "category", "status")
ROWS = 20


def conditions(visit: Visit) -> dict[str, str]:
    """What the address asks for."""
    sought = {name: visit.query.get(name, "").strip() for name in FILTERS}
    meant = typed(visit)
    return sought | {"region": meant[0].code} if len(meant) == 1 else sought


def asked(sought: dict[str, str], size: int, token: str) -> SearchOrganizationsRequest:
    """The search of these conditions."""
    return SearchOrganizationsRequest(
        search=sought["search"],
        region=sought["region"],
        category=sought["category"],
        status=chosen(OrganizationStatus, sought["status"]),
        page=PageRequest(size=size, token=token),
    )


def in_words(sought: dict[str, str]) -> list[tuple[str, str]]:
    """Conditions in words, each with the address without it."""
    place = hainan().find(sought["region"])
    status = chosen(OrganizationStatus, sought["status"])
    told = {
        "search": sought["search"],
        "region": place.full_name if place else sought["region"],
        "category": term(sought["category"], "CATEGORY"),
        "status": word(status) if status else "",
    }
    return [(text, address(PATH, sought, **{name: ""})) for name, text in told.items() if text]


@page(PATH, menu="组织查询", order=20)
async def register(visit: Visit) -> Response:
    """A page of the list, or what is wrong with the conditions."""
    sought, token = conditions(visit), visit.query.get("token", "")
    found, pager = await listed(visit, PATH, sought, asked(sought, ROWS, token))
    county, *_below = line(sought["region"])
    place = hainan().find(sought["region"])
    return visit.show(
        "public/register.html",
        part="public/_register.html",
        sought=sought,
        found=found.organizations if found else [],
        chips=in_words(sought),
        counties=options(counties()),
        county=county.code if county else "",
        narrower=place.full_name if place and place is not county else "",
        meant=[(one.full_name, one_below(sought, one)) for one in typed(visit)[:MOST]],
        below=parts_of(sought),
        categories=[(code, _(text)) for code, text in terms("CATEGORY").items()],
        statuses=choices(OrganizationStatus),
        **pager,
        csv=address("/register.csv", sought),
    )
