"""`/gov/cases`: every case in reach of the post, by the conditions in the address."""

from gateway.portal import Response, Visit, _, page
from gateway.portal.filters import place_name, word
from gateway.portal.pages.gov.below import below, narrowed
from gateway.portal.pages.gov.desk import CASES, chip
from gateway.portal.pages.gov.looks import look_of
from gateway.portal.pages.gov.shelf import shelf
from gateway.portal.query import address, choices, chosen, listed
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1.exports_pb import StartExportRequest
from proto.gen.minzheng.filing.v1.filing_pb import (
    Category,
    FilingState,
    ListFilingsRequest,
    TakeOverInboxRequest,
)

FILTERS = ("search", "state", "category", "place", "from", "to", "late", "size")
SIZES = ("20", "50", "100")


@page(CASES, asks=ListFilingsRequest, menu="办件", order=20)
async def cases(visit: Visit) -> Response:
    """A page of the list, or what is wrong with the conditions."""
    sought = {name: visit.query.get(name, "").strip() for name in FILTERS}
    sought["place"] = narrowed(visit, sought["place"])
    request = asked(sought, visit.query.get("token", ""))
    found, pager = await listed(visit, CASES, sought, request)
    chips = in_words(sought)
    return visit.show(
        "gov/cases.html",
        part="gov/_cases.html",
        sought=sought,
        found=[(one, chip(one), look_of(one.state)) for one in found.filings] if found else [],
        chips=chips,
        states=[one for one in choices(FilingState) if one[0] not in ("DRAFT", "SUBMITTED")],
        categories=choices(Category),
        places=below(visit),
        export=export(sought) if visit.may(StartExportRequest) else "",
        shelf=await shelf(visit, CASES, sought, [text for text, _path in chips]),
        takes_over=visit.may(TakeOverInboxRequest),
        sizes=[(one, _("%(rows)s 条") % {"rows": one}) for one in SIZES],
        **pager,
    )


def asked(sought: dict[str, str], token: str) -> ListFilingsRequest:
    """The list of these conditions."""
    size = int(sought["size"]) if sought["size"] in SIZES else int(SIZES[0])
    return ListFilingsRequest(
        page=PageRequest(size=size, token=token),
        state=chosen(FilingState, sought["state"]),
        search=sought["search"],
        category=chosen(Category, sought["category"]),
        place=sought["place"],
        received_from=sought["from"],
        received_to=sought["to"],
        overdue=sought["late"] == "yes",
    )


def export(sought: dict[str, str]) -> str:
    """The address where an export of these conditions is asked for."""
    return address("/gov/jobs/new", {name: sought[name] for name in FILTERS if name != "size"})


def in_words(sought: dict[str, str]) -> list[tuple[str, str]]:
    """Conditions in words, each with the address without it."""
    state, category = chosen(FilingState, sought["state"]), chosen(Category, sought["category"])
    told = {
        "search": sought["search"],
        "state": word(state) if state else "",
        "category": word(category) if category else "",
        "place": place_name(sought["place"]),
        "from": _("收件不早于 %(day)s") % {"day": sought["from"]} if sought["from"] else "",
        "to": _("收件不晚于 %(day)s") % {"day": sought["to"]} if sought["to"] else "",
        "late": _("只看超期") if sought["late"] == "yes" else "",
    }
    return [(text, address(CASES, sought, **{name: ""})) for name, text in told.items() if text]
