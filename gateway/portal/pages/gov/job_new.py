"""`/gov/jobs/new`: what is to be exported; a list hands its filters on by the address."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.pages.gov.below import below, narrowed
from gateway.portal.query import choices, chosen
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1.exports_pb import (
    ExportConditions,
    ExportFormat,
    StartExportRequest,
)
from proto.gen.minzheng.filing.v1.filing_pb import Category, FilingState

GIVEN = ("state", "category", "search", "place", "from", "to", "late")
"""Conditions as the list of cases writes them into its address."""


@page("/gov/jobs/new", asks=StartExportRequest)
async def new(visit: Visit) -> Response:
    """The conditions."""
    return visit.show(
        "gov/job_new.html",
        given={key: visit.query.get(key, "") for key in GIVEN},
        states=[one for one in choices(FilingState) if one[0] != "DRAFT"],
        categories=choices(Category),
        places=below(visit),
        formats=[("XLSX", _("XLSX 表格")), ("CSV", _("CSV 文本"))],
    )


@action("/gov/jobs", asks=StartExportRequest)
async def start(visit: Visit) -> Response:
    """Asked for; on to its page."""
    form = await visit.form()
    conditions = ExportConditions(
        state=chosen(FilingState, form["state"]),
        category=chosen(Category, form["category"]),
        search=form["search"],
        received_from=form["received_from"],
        received_to=form["received_to"],
        overdue=bool(form["overdue"]),
        place=narrowed(visit, form["place"]),
    )
    request = StartExportRequest(
        export_id=form["export_id"],
        format=chosen(ExportFormat, form["format"]),
        conditions=conditions,
    )
    try:
        await visit.ask(request)
    except Refusal as refusal:
        return await new(visit.refused(refusal))
    return visit.go(f"/gov/jobs/{form['export_id']}")
