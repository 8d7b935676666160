"""The RPCs of exports."""

from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext
from protobuf.wkt import Timestamp

from kit.access import Subject, list_filter, require
from kit.calendar import day_of
from kit.call import current
from kit.contracts import word
from kit.identity import Caller
from kit.paging import decode, encode
from kit.places import region
from kit.plain import asdict
from kit.sheets import MEDIA
from kit.unit import Unit
from proto.gen.minzheng.common.v1.file_pb import FileContent
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.filing.v1 import exports_pb as pb
from proto.gen.minzheng.filing.v1.exports_pb_grpc import ExportServiceService
from proto.gen.minzheng.filing.v1.filing_pb import Category, FilingState
from services.filing.domain import exports as domain
from services.filing.domain.exports import Export
from services.filing.rpc import view
from services.filing.rpc.queries import SIZE, expect_search
from services.filing.store.exports import Exports
from services.filing.store.lists import Page
from services.filing.store.read import Reader


class ExportRpc(ExportServiceService):
    """The servicer."""

    def __init__(self, reader: Reader, exports: Exports, unit: Unit) -> None:
        self.reader = reader
        self.exports = exports
        self.unit = unit

    async def start_export(
        self, request: pb.StartExportRequest, context: ServicerContext
    ) -> pb.StartExportResponse:
        """Asked for with the reach of this moment. Refusal 422 for nothing or too much, 409 for too many."""
        asked = asked_of(request.conditions or pb.ExportConditions())

        async def attempt() -> pb.StartExportResponse:
            call, moment = current(), await self.reader.moment()
            found, scope = list_filter(call.access, call.who), call.who.scope
            total = await self.reader.number_of(scope, found, Page.of(asked, SIZE), domain.MOST)
            domain.expect_size(total)
            domain.expect_room(await self.exports.at_work(call.who.subject))
            export = Export(
                request.export_id,
                call.who.subject,
                call.who.region_path,
                post_of(call.who),
                view.name_of(request.format) or "XLSX",
                asked,
                asdict(found) | {"scope": scope},
                moment.at,
                total=total,
            )
            answer = pb.StartExportResponse(export=shown(export))
            await self.exports.save(None, export, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.StartExportResponse, attempt)

    async def list_exports(
        self, request: pb.ListExportsRequest, context: ServicerContext
    ) -> pb.ListExportsResponse:
        """The caller's own, newest first."""
        asked = request.page or PageRequest()
        size = asked.size or SIZE
        after = decode(asked.token, UUID)[0] if asked.token else None
        found = await self.exports.own(current().who.subject, size + 1, after)
        token = encode(found[size - 1].export_id) if len(found) > size else ""
        return pb.ListExportsResponse(
            exports=[shown(one) for one in found[:size]], page=PageResponse(next_token=token)
        )

    async def get_export(
        self, request: pb.GetExportRequest, context: ServicerContext
    ) -> pb.GetExportResponse:
        """One of the caller's own."""
        return pb.GetExportResponse(export=shown(await self._own(request.export_id)))

    async def cancel_export(
        self, request: pb.CancelExportRequest, context: ServicerContext
    ) -> pb.CancelExportResponse:
        """No longer wanted."""

        async def attempt() -> pb.CancelExportResponse:
            before, moment = await self._own(request.export_id), await self.reader.moment()
            after = domain.cancel(before, moment.at)
            answer = pb.CancelExportResponse(export=shown(after))
            await self.exports.save(before.state, after, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.CancelExportResponse, attempt)

    async def get_export_file(
        self, request: pb.GetExportFileRequest, context: ServicerContext
    ) -> pb.GetExportFileResponse:
        """The file; that it was taken is on record before it leaves."""
        export, moment = await self._own(request.export_id), await self.reader.moment()
        domain.expect_file(export, moment.today)
        content = await self.exports.read(export)
        await self.exports.downloaded(export, moment)
        name = f"filings-{export.export_id}.{export.format.lower()}"
        file = FileContent(
            name=name, media_type=MEDIA[export.format], sha256=export.sha256, content=content
        )
        return pb.GetExportFileResponse(file=file)

    async def _own(self, export_id: str) -> Export:
        export = await self.exports.load(export_id)
        subject = Subject(export.owner, "", export.region_path, "", export.state.name)
        require(current().access, current().who, subject)
        return export


def asked_of(conditions: pb.ExportConditions) -> dict[str, Any]:
    """Conditions as they are kept; Refusal 422 as in the list."""
    expect_search(conditions.search)
    for name in ("received_from", "received_to"):
        day_of(name, getattr(conditions, name))
    return {
        "state": view.name_of(conditions.state),
        "category": view.name_of(conditions.category),
        "search": conditions.search,
        "received_from": conditions.received_from,
        "received_to": conditions.received_to,
        "overdue": conditions.overdue,
        "place": conditions.place,
    }


def post_of(who: Caller) -> str:
    """Title of the caller's post: 街道（乡镇）经办·海口市龙华区大同街道."""
    return f"{word(who.role)}·{region(who.region_code).full_name}"


def shown(export: Export) -> pb.Export:
    """An export for the person who asked for it."""
    asked = export.conditions
    return pb.Export(
        export_id=export.export_id,
        version=export.version,
        state=pb.ExportState[export.state.name],
        format=pb.ExportFormat[export.format],
        conditions=pb.ExportConditions(
            **asked
            | {
                "state": view.named(FilingState, asked["state"]),
                "category": view.named(Category, asked["category"]),
            }
        ),
        total=export.total,
        done=export.done,
        asked_at=Timestamp.from_datetime(export.asked_at),
        ended_at=Timestamp.from_datetime(export.ended_at) if export.ended_at else None,
        kept_until=view.text(export.kept_until),
        size=export.size,
        sha256=export.sha256,
        reason=export.reason,
    )
