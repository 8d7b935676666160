"""`/gov/jobs`: exports asked for, how far they are, their files."""

from gateway.portal import Response, Visit, action, download, page
from gateway.portal.language import gettext as _
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1.exports_pb import (
    CancelExportRequest,
    Export,
    ExportState,
    GetExportFileRequest,
    GetExportRequest,
    ListExportsRequest,
)

OPEN = (ExportState.WAITING, ExportState.RUNNING)


@page("/gov/jobs", asks=ListExportsRequest, menu="导出任务", order=80)
async def jobs(visit: Visit) -> Response:
    """The person's own under the present post, newest first."""
    asked = PageRequest(token=visit.query.get("page", ""))
    found = await visit.ask(ListExportsRequest(page=asked))
    return visit.show(
        "gov/jobs.html", exports=found.exports, following=found.page.next_token, open=OPEN
    )


@page("/gov/jobs/{export_id}", asks=GetExportRequest)
async def job(visit: Visit) -> Response:
    """How far it is; asks itself again while it runs."""
    found = await visit.ask(GetExportRequest(export_id=visit.path["export_id"]))
    export: Export = found.export
    running = export.state in OPEN
    return visit.show("gov/job.html", part="gov/_job.html", export=export, running=running)


@action("/gov/jobs/{export_id}/cancel", asks=CancelExportRequest)
async def cancel(visit: Visit) -> Response:
    """No longer wanted."""
    form, export_id = await visit.form(), visit.path["export_id"]
    await visit.ask(CancelExportRequest(export_id=export_id, request_id=form["request_id"]))
    return visit.go(f"/gov/jobs/{export_id}", said=_("已取消导出。"))


@page("/gov/jobs/{export_id}/file", asks=GetExportFileRequest)
async def file(visit: Visit) -> Response:
    """The file; that it was taken is on record."""
    found = await visit.ask(GetExportFileRequest(export_id=visit.path["export_id"]))
    return download(found.file)
