"""An export of the list of filings: asked for, made with real counts, cancelled, kept for a week. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Any

from kit.errors import conflict, invalid, not_found

KEPT_DAYS = 7
"""Days for which a file can be downloaded."""
MOST = 20_000
"""Rows of one export: its file travels in one message."""
AT_WORK = 3
"""Exports of one person that may be waiting or running."""


class State(Enum):
    """Where an export stands; names as in the contract."""

    WAITING = auto()
    RUNNING = auto()
    DONE = auto()
    CANCELLED = auto()
    FAILED = auto()
    OVER = auto()


OPEN = frozenset({State.WAITING, State.RUNNING})


@dataclass(frozen=True, slots=True)
class Export:
    """An export of one person under one post."""

    export_id: str
    owner: str
    region_path: str
    post: str
    """Title of the post it was asked for under."""
    format: str
    conditions: dict[str, Any]
    reach: dict[str, Any]
    """Filter and scope of the moment it was asked for."""
    asked_at: datetime
    version: int = 1
    state: State = State.WAITING
    total: int = 0
    done: int = 0
    ended_at: datetime | None = None
    kept_until: date | None = None
    sha256: str = ""
    size: int = 0
    reason: str = ""


def expect_room(at_work: int) -> None:
    """Refusal 409 for a person with as many exports at work as one may have."""
    if at_work >= AT_WORK:
        raise conflict(
            "filing.exports_at_work", f"您已有{AT_WORK}个导出任务在进行，请等待完成或取消后再试。"
        )


def expect_size(rows: int) -> None:
    """Refusal 422 for nothing to export, or too much."""
    if rows == 0:
        raise invalid("filing.export_empty", "没有符合条件的备案事项，无可导出的内容。")
    if rows > MOST:
        sentence = f"符合条件的备案事项超过{MOST}条，请按状态、类别或收件日期缩小范围后分次导出。"
        raise invalid("filing.export_too_many", sentence)


def cancel(before: Export, now: datetime) -> Export:
    """No longer wanted. Refusal 409 where it has ended."""
    if before.state not in OPEN:
        raise conflict("filing.export_ended", "该导出任务已经结束，不能取消。")
    return replace(before, version=before.version + 1, state=State.CANCELLED, ended_at=now)


def finished(
    before: Export, done: int, sha256: str, size: int, now: datetime, today: date
) -> Export:
    """The file is there."""
    return replace(
        before, version=before.version + 1, state=State.DONE, done=done, sha256=sha256, size=size,
        ended_at=now, kept_until=today + timedelta(days=KEPT_DAYS),
    )  # fmt: skip


def failed(before: Export, reason: str, now: datetime) -> Export:
    """It cannot be made."""
    return replace(
        before, version=before.version + 1, state=State.FAILED, reason=reason, ended_at=now
    )


def expect_file(export: Export, today: date) -> None:
    """Refusal 409 while it is made, 404 once its file is gone or never came."""
    if export.state in OPEN:
        raise conflict("filing.export_not_ready", "导出文件正在生成，请稍后下载。")
    if export.state is not State.DONE or export.kept_until is None or export.kept_until < today:
        raise not_found()
