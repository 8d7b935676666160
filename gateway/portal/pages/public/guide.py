"""`/guide`: what can be done; `/guide/filing`: how an organization is filed at a place, by its rules."""

from gateway.portal import Response, Visit, page
from gateway.portal.finding import PROVINCE
from gateway.portal.guide import applied, condition, facts, flow
from gateway.portal.places import levels, typed_or_chosen
from gateway.portal.query import choices, chosen
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1.guide_pb import (
    AssessGroupRequest,
    GroupForm,
    ListMaterialsRequest,
)

KEY = "community"
COUNTS = ("individuals", "units", "staff", "fund_yuan")


@page("/guide", menu="办事指南", order=10)
async def guide(visit: Visit) -> Response:
    """The things that can be done, and advice which of them."""
    return visit.show("public/guide.html")


@page("/guide/filing")
async def filing(visit: Visit) -> Response:
    """Conditions, materials, steps and limits, for the place chosen or the whole province."""
    region, meant = typed_or_chosen(KEY, visit.request.url.path, visit.query)
    told = await visit.ask(ListMaterialsRequest(region_code=region or PROVINCE))
    rules = {one.key: one for one in told.rules}
    return visit.show(
        "public/guide_filing.html",
        part="public/_guide_filing.html",
        told=told,
        facts=facts(told, rules),
        conditions=applied(rules),
        flow=flow(rules),
        condition=condition,
        levels=levels(KEY, region),
        region=region,
        key=KEY,
        meant=meant,
    )


@page("/guide/assessment")
async def assessment(visit: Visit) -> Response:
    """Registration or filing: advice on what a group says of itself."""
    (region, meant), found = typed_or_chosen(KEY, visit.request.url.path, visit.query), None
    if visit.query.get("form"):
        try:
            found = await visit.ask(asked(visit, region or PROVINCE))
        except Refusal as refusal:
            visit.refused(refusal)
    return visit.show(
        "public/guide_assessment.html",
        found=found,
        given=dict(visit.query),
        forms_of_groups=choices(GroupForm),
        levels=levels(KEY, region),
        key=KEY,
        meant=meant,
    )


def asked(visit: Visit, region: str) -> AssessGroupRequest:
    """What the group says; a count that is no number is zero."""
    individuals, units, staff, fund = (number(visit.query.get(name, "")) for name in COUNTS)
    return AssessGroupRequest(
        region_code=region,
        form=chosen(GroupForm, visit.query.get("form", "")),
        individuals=individuals,
        units=units,
        staff=staff,
        fund_yuan=fund,
    )


def number(text: str) -> int:
    """A count as it is typed."""
    digits = text.strip().replace(",", "")
    return int(digits[:12]) if digits.isascii() and digits.isdigit() else 0
