"""`/gov/rules`: the values in force at a place, each with its basis, and what was ever set for a key."""

import asyncio

from gateway.portal import Response, Visit, _, page
from gateway.portal.filters import place_name
from gateway.portal.pages.gov.below import Below, below, narrowed
from gateway.portal.pages.gov.rule_words import WORDS
from gateway.portal.query import choices, chosen
from kit.errors import Refusal
from kit.regions import Level, hainan
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1 import rules_pb as pb
from proto.gen.minzheng.filing.v1.filing_pb import ListFilingsRequest

PATH = "/gov/rules"


def place_of(visit: Visit) -> str:
    """The place asked for, or the post's own."""
    sought = visit.typed.get("region_code", "") or visit.query.get("region", "")
    return narrowed(visit, sought) or (visit.who.region if visit.who else "")


@page(PATH, asks=ListFilingsRequest, menu="规则", order=60)
async def rules(visit: Visit) -> Response:
    """Every rule of filing at the place, of the class of activity asked for."""
    place, found = place_of(visit), ()
    lowered = chosen(pb.LoweredClass, visit.query.get("lowered", ""))
    try:
        asked = pb.ListRulesRequest(region_code=place, lowered_class=lowered)
        found = (await visit.ask(asked)).rules
    except Refusal as refusal:
        visit.refused(refusal)
    own = hainan().find(visit.who.region) if visit.who else None
    wide = own is not None and own.level in (Level.CITY, Level.COUNTY)
    return visit.show(
        "gov/rules.html",
        **WORDS,
        part="gov/_rules.html",
        found=found,
        place=place,
        place_name=place_name(place),
        places=below(visit) if wide else Below(),
        lowered=lowered,
        classes=choices(pb.LoweredClass),
    )


@page("/gov/rules/{key}", asks=ListFilingsRequest)
async def rule(visit: Visit) -> Response:
    """One rule at a place: its value, what was set, and the form for who may set it."""
    return await shown(visit, None)


async def shown(visit: Visit, preview: pb.SetRuleRequest | None) -> Response:
    """The rule, with a change to look at before it counts."""
    place, key = place_of(visit), visit.path["key"]
    found, settings = await asyncio.gather(
        visit.ask(pb.ListRulesRequest(region_code=place)),
        visit.ask(pb.ListRuleSettingsRequest(key=key, page=PageRequest(size=100))),
    )
    one = next((rule for rule in found.rules if rule.key == key), pb.Rule(key=key))
    return visit.show(
        "gov/rule.html",
        **WORDS,
        one=one,
        place=place,
        place_name=place_name(place),
        bounds="；".join(bounds_of(one)),
        settings=settings.settings,
        preview=preview,
        may_set=visit.may(pb.SetRuleRequest),
        classes=[("", _("通用")), *choices(pb.LoweredClass)],
    )


def bounds_of(one: pb.Rule) -> list[str]:
    """What the levels above allow, in words."""
    return [
        "、".join(bound.choices) if bound.choices else f"{bound.lowest}—{bound.highest}"
        for bound in one.bounds
    ]
