"""Exports made beside everything else: batch by batch, with real counts, until done, cancelled or told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

from kit.access import Filter
from kit.calendar import ZONE
from kit.call import Call, enter
from kit.contracts import word
from kit.database import Database
from kit.identity import system
from kit.regions import hainan
from kit.sheets import SHEETS, Sheet
from kit.timers import Timer, keep
from kit.unit import Stale
from proto.gen.minzheng.common.v1.access_pb import Access
from proto.gen.minzheng.filing.v1.filing_pb import Category, FilingState
from services.filing.domain import exports as domain
from services.filing.domain.exports import Export, State
from services.filing.store.exports import Exports
from services.filing.store.lists import Page
from services.filing.store.read import Reader

log = logging.getLogger(__name__)
SYSTEM = system("filing")
BATCH = 500
LOOK_SECONDS = 0.5
FAULT = "导出时发生故障，请重新导出；多次未完成的，请联系运维人员。"
HEADS = (
    "申请编号", "名称", "业务类别", "状态", "村（社区）", "收件日期", "办理期限", "备案编号",
)  # fmt: skip


class Exporting:
    """Makes exports one after another. What a process left half-way is made anew by the next."""

    def __init__(self, reader: Reader, exports: Exports, batch: int = BATCH) -> None:
        self.reader = reader
        self.exports = exports
        self.batch = batch

    def worker(self, database: Database) -> Callable[[asyncio.Event], Any]:
        """For as long as the process lives; of several replicas one works."""

        def work(stop: asyncio.Event) -> Awaitable[None]:
            return keep(
                Timer("filing.exports", partial(self.run, stop), LOOK_SECONDS), database, stop
            )

        return work

    async def run(self, stop: asyncio.Event) -> int:
        """Make the one that waits longest; answers how many were finished."""
        enter(Call(SYSTEM, "timer", Access(action="make_export")))
        export = await self.exports.next()
        if export is None:
            return 0
        try:
            return await self._make(export, stop)
        except Stale:
            await self.exports.remove(export)
            return 0
        except Exception:
            log.exception("export %s failed", export.export_id)
            moment = await self.reader.moment()
            await self.exports.save(export.state, domain.failed(export, FAULT, moment.at), moment)
            return 0

    async def _make(self, export: Export, stop: asyncio.Event) -> int:
        sheet = SHEETS[export.format]()
        sheet.add([[heading(export)], HEADS])
        done = await self._fill(sheet, export, stop)
        if done is None:
            return 0
        content = await asyncio.to_thread(sheet.content)
        await self.exports.put(export, content)
        moment, digest = await self.reader.moment(), sha256(content).hexdigest()
        after = domain.finished(
            replace(export, total=done), done, digest, len(content), moment.at, moment.today
        )
        await self.exports.save(State.RUNNING, after, moment)
        return 1

    async def _fill(self, sheet: Sheet, export: Export, stop: asyncio.Event) -> int | None:
        """Write every row; how many, or None where it was cancelled or has to wait for the next process."""
        reach = dict(export.reach)
        scope, page, done = reach.pop("scope"), Page.of(export.conditions, self.batch), 0
        while not stop.is_set() and await self.exports.progress(
            export, done, max(done, export.total)
        ):
            rows = await self.reader.listed(scope, Filter(**reach), page)
            await asyncio.to_thread(sheet.add, list(cells(rows[: self.batch])))
            done += min(len(rows), self.batch)
            if len(rows) <= self.batch:
                return done
            page = replace(page, after=str(rows[self.batch - 1]["filing_id"]))
        return None

    async def clean(self) -> int:
        """Take away files that were kept long enough; answers of how many."""
        enter(Call(SYSTEM, "timer", Access(action="end_export")))
        moment = await self.reader.moment()
        found = await self.exports.over(moment)
        for export in found:
            await self.exports.remove(export)
            after = replace(export, version=export.version + 1, state=State.OVER)
            await self.exports.save(export.state, after, moment)
        return len(found)


def cells(rows: Sequence[Any]) -> Iterator[Sequence[str]]:
    """Lines as they are read on paper."""
    for row in rows:
        yield (
            row["application_no"] or "",
            row["name"],
            word(Category[row["category"]]) if row["category"] else "",
            word(FilingState[row["state"]]),
            hainan().get(row["community"]).name,
            str(row["received_on"] or ""),
            str(row["decide_due"] or ""),
            row["filing_no"] or "",
        )


def heading(export: Export) -> str:
    """The first line: what was asked for, when, by whom."""
    said = "；".join(conditions(export.conditions)) or "全部"
    return f"导出条件：{said}｜导出时间：{local(export.asked_at)}｜导出人：{export.post}（账号 {export.owner}）"


def conditions(asked: Mapping[str, Any]) -> Iterator[str]:
    """The conditions in words."""
    if asked.get("state"):
        yield f"状态：{word(FilingState[asked['state']])}"
    if asked.get("category"):
        yield f"类别：{word(Category[asked['category']])}"
    if asked.get("search"):
        yield f"名称或编号：{asked['search']}"
    if asked.get("received_from"):
        yield f"收件不早于{asked['received_from']}"
    if asked.get("received_to"):
        yield f"收件不晚于{asked['received_to']}"
    if asked.get("overdue"):
        yield "已超期"
    if asked.get("place"):
        yield f"地点：{hainan().get(asked['place']).full_name}"


def local(at: datetime) -> str:
    """A moment in Shanghai, to the minute."""
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"
