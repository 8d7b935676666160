"""Exports on PostgreSQL: asked for, made in batches, cancelled, made anew after a crash, taken, gone."""

import asyncio
import csv
import io

import openpyxl
import pytest

from kit.ids import uuid7
from kit.sheets import MARK
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1 import exports_pb as pb
from proto.gen.minzheng.filing.v1.filing_pb import FilingState
from services.filing.timers import Exporting
from tests.filing.service import CLERK, LEAD, Filing, at
from tests.filing.test_service import code_of

COUNTY = at(Role.COUNTY_CLERK, "460106000000")
ELSEWHERE = at(Role.TOWN_CLERK, "460106001000")
GO_ON = asyncio.Event()


async def asked(filing: Filing, who: object = CLERK, **fields: object) -> pb.Export:
    fields.setdefault("export_id", str(uuid7()))
    answer = await filing.call("StartExport", who, **fields)  # type: ignore[arg-type]
    export: pb.Export = answer.export
    return export


async def seen(filing: Filing, export_id: str, who: object = CLERK) -> pb.Export:
    answer = await filing.call("GetExport", who, export_id=export_id)  # type: ignore[arg-type]
    export: pb.Export = answer.export
    return export


async def taken(filing: Filing, export_id: str, who: object = CLERK) -> bytes:
    answer = await filing.call("GetExportFile", who, export_id=export_id)  # type: ignore[arg-type]
    content: bytes = answer.file.content
    return content


@pytest.fixture
async def cases(filing: Filing) -> list[str]:
    """Five cases of the street, one of them only a draft."""
    found = [await filing.draft(brand) for brand in ("暖心", "银龄", "助残", "护河", "草稿")]
    for filing_id in found[:4]:
        await filing.submit(filing_id)
    return found


@pytest.mark.usefixtures("cases")
async def test_an_export_holds_what_the_list_shows(filing: Filing) -> None:
    export = await asked(filing, format=pb.ExportFormat.CSV)
    assert (export.state, export.total) == (pb.ExportState.WAITING, 4)
    assert await Exporting(filing.reader, filing.exports, batch=2).run(GO_ON) == 1
    done = await seen(filing, export.export_id)
    assert (done.state, done.done, done.total) == (pb.ExportState.DONE, 4, 4)
    text = (await taken(filing, export.export_id)).decode().removeprefix(MARK)
    (heading,), heads, *rows = list(csv.reader(io.StringIO(text)))
    assert heading.startswith("导出条件：全部｜导出时间：2")
    assert "街道（乡镇）经办·海口市龙华区大同街道" in heading
    assert heads[:2] == ["申请编号", "名称"]
    listed = await filing.call("ListFilings", CLERK)
    assert [row[0] for row in rows] == [one.application_no for one in listed.filings]
    assert {row[3] for row in rows} == {"待村（社区）意见"}


@pytest.mark.usefixtures("cases")
async def test_a_workbook_opens_and_tells_its_conditions(filing: Filing) -> None:
    conditions = pb.ExportConditions(state=FilingState.VILLAGE_REVIEW, search="暖心")
    export = await asked(filing, COUNTY, conditions=conditions)
    await Exporting(filing.reader, filing.exports).run(GO_ON)
    content = await taken(filing, export.export_id, COUNTY)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert "状态：待村（社区）意见；名称或编号：暖心" in lines[0][0]
    assert len(lines) == 3


@pytest.mark.usefixtures("cases")
async def test_nobody_else_sees_it_not_even_a_colleague(filing: Filing) -> None:
    export = await asked(filing)
    await Exporting(filing.reader, filing.exports).run(GO_ON)
    for other in (LEAD, COUNTY, ELSEWHERE):
        assert await code_of(seen(filing, export.export_id, other)) == "common.not_found"
        assert await code_of(taken(filing, export.export_id, other)) == "common.not_found"
        assert not (await filing.call("ListExports", other)).exports
    (own,) = (await filing.call("ListExports", CLERK)).exports
    assert own.export_id == export.export_id


async def test_out_of_reach_is_nothing_to_export(filing: Filing, cases: list[str]) -> None:
    assert await code_of(asked(filing, ELSEWHERE)) == "filing.export_empty"


@pytest.mark.usefixtures("cases")
async def test_a_cancelled_export_is_not_made(filing: Filing) -> None:
    export = await asked(filing)
    await filing.call("CancelExport", CLERK, export_id=export.export_id)
    assert await Exporting(filing.reader, filing.exports).run(GO_ON) == 0
    assert (await seen(filing, export.export_id)).state is pb.ExportState.CANCELLED
    assert await code_of(taken(filing, export.export_id)) == "common.not_found"


@pytest.mark.usefixtures("cases")
async def test_cancelled_in_the_middle_leaves_no_file(filing: Filing) -> None:
    export = await asked(filing)
    keep, cancelled = filing.exports.put, []

    async def put(found: object, content: bytes) -> None:
        await keep(found, content)  # type: ignore[arg-type]
        cancelled.append(await filing.call("CancelExport", CLERK, export_id=export.export_id))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(filing.exports), "put", lambda self, *sent: put(*sent))
        assert await Exporting(filing.reader, filing.exports).run(GO_ON) == 0
    assert cancelled
    assert (await seen(filing, export.export_id)).state is pb.ExportState.CANCELLED
    assert [one async for page in filing.files.list() for one in page] == []


@pytest.mark.usefixtures("cases")
async def test_what_a_process_left_half_way_is_made_by_the_next(filing: Filing) -> None:
    export = await asked(filing, format=pb.ExportFormat.CSV)
    stop, half = asyncio.Event(), Exporting(filing.reader, filing.exports, batch=1)
    progress = filing.exports.progress

    async def stopping(self: object, *said: object) -> bool:
        if said[1] == 2:
            stop.set()
        return await progress(*said)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(filing.exports), "progress", stopping)
        assert await half.run(stop) == 0
    left = await seen(filing, export.export_id)
    assert (left.state, left.done, left.total) == (pb.ExportState.RUNNING, 2, 4)
    assert await Exporting(filing.reader, filing.exports).run(GO_ON) == 1
    assert (await taken(filing, export.export_id)).count(b"\r\n") == 6


@pytest.mark.usefixtures("cases")
async def test_a_fault_is_told_and_not_tried_for_ever(filing: Filing) -> None:
    export = await asked(filing)

    async def broken(self: object, *said: object) -> None:
        raise OSError("store away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(filing.exports), "put", broken)
        assert await Exporting(filing.reader, filing.exports).run(GO_ON) == 0
    told = await seen(filing, export.export_id)
    assert told.state is pb.ExportState.FAILED
    assert told.reason.startswith("导出时发生故障")


@pytest.mark.usefixtures("cases")
async def test_every_download_is_on_record_and_the_file_goes_after_a_week(filing: Filing) -> None:
    export = await asked(filing)
    exporting = Exporting(filing.reader, filing.exports)
    await exporting.run(GO_ON)
    await taken(filing, export.export_id)
    await taken(filing, export.export_id)
    pool = filing.database.pool
    found = await pool.fetch(
        "SELECT action, reason FROM kit.audit WHERE object_id = $1 ORDER BY id", export.export_id
    )
    assert [row["action"] for row in found] == [
        "export_cases", "make_export", "download_export", "download_export",
    ]  # fmt: skip
    assert found[1]["reason"] == "4 rows"
    assert await exporting.clean() == 0
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('minzheng.scope', 'r:/', true)")
        await connection.execute("UPDATE filing_export SET kept_until = kept_until - 8")
    assert await exporting.clean() == 1
    assert await code_of(taken(filing, export.export_id)) == "common.not_found"
    assert [one async for page in filing.files.list() for one in page] == []


@pytest.mark.usefixtures("cases")
async def test_more_than_three_at_once_are_refused(filing: Filing) -> None:
    for _ in range(3):
        await asked(filing)
    assert await code_of(asked(filing)) == "filing.exports_at_work"


@pytest.mark.usefixtures("cases")
async def test_the_same_request_is_one_export(filing: Filing) -> None:
    export_id = str(uuid7())
    first, second = [await asked(filing, export_id=export_id) for _ in range(2)]
    assert first == second
    assert len((await filing.call("ListExports", CLERK)).exports) == 1


@pytest.mark.usefixtures("cases")
async def test_an_export_of_one_place_says_so_and_holds_no_other(filing: Filing) -> None:
    here, elsewhere = "460106004002", "460106004003"
    found = pb.ExportConditions(place=here)
    export = await asked(filing, COUNTY, conditions=found, format=pb.ExportFormat.CSV)
    await Exporting(filing.reader, filing.exports).run(GO_ON)
    text = (await taken(filing, export.export_id, COUNTY)).decode().removeprefix(MARK)
    assert text.startswith("导出条件：地点：海口市龙华区大同街道大同里社区")
    assert export.conditions == found
    none = pb.ExportConditions(place=elsewhere)
    assert await code_of(asked(filing, COUNTY, conditions=none)) == "filing.export_empty"
