"""What gauges showed, as a person reads it: a word for each, lengths of time and moments as such."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from gateway.portal.filters import moment
from gateway.portal.language import gettext as _
from kit.telemetry import signals
from kit.telemetry.signals import SIGNALS, Signal
from proto.gen.minzheng.operations.v1.operations_pb import Reading, WorkloadStatus

MINUTE, HOUR, DAY = 60, 3600, 86_400


def read(status: WorkloadStatus, signal: Signal) -> list[Reading]:
    """The readings of one gauge."""
    return [one for one in status.readings if one.signal == signal.name]


def left(reading: Reading) -> timedelta:
    """Time until the moment a gauge shows."""
    return datetime.fromtimestamp(reading.value, UTC) - datetime.now(UTC)


def age(reading: Reading) -> timedelta:
    """Time since the moment a gauge shows."""
    return -left(reading)


def name(signal: str) -> str:
    """What a person calls a gauge; one without a word is called by its name."""
    words = {
        signals.OUTBOX_OLDEST: _("最早未发出事件的等待时间"),
        signals.OUTBOX: _("待发事件"),
        signals.RELAY: _("由本进程发送事件"),
        signals.LAG: _("待收事件"),
        signals.LAG_SECONDS: _("待收事件的等待时间"),
        signals.PARKED: _("挂起的事件"),
        signals.GAP: _("暂存的事件"),
        signals.UNSEALED: _("最早未封存审计日志的等待时间"),
        signals.WHOLE: _("审计链完整"),
        signals.POOL: _("使用中的数据库连接"),
        signals.POOL_SIZE: _("数据库连接上限"),
        signals.KEYS: _("密钥已用时间"),
        signals.CERTIFICATE: _("证书到期"),
        signals.TIMER_FAILING: _("上次失败的定时任务"),
        signals.DEADLINE_REMAINING: _("距最近的期限"),
        signals.DEADLINE_OVERDUE: _("逾期未办结"),
        signals.DEADLINES: _("在办件"),
        signals.WEBHOOK_OLDEST: _("最早未送达推送的等待时间"),
        signals.CIRCUIT: _("外部系统停用"),
        signals.BACKUP: _("最近一次成功备份"),
        signals.DRILL: _("最近一次恢复演练"),
    }
    known = SIGNALS.get(signal)
    return words.get(known, signal) if known else signal


def shown(reading: Reading) -> str:
    """The value: a moment with its distance, a length of time, or a number."""
    if reading.signal.endswith("_timestamp_seconds"):
        at = datetime.fromtimestamp(reading.value, UTC)
        away = left(reading).total_seconds()
        told = _("还有 %(time)s") if away > 0 else _("%(time)s前")
        return f"{moment(at)} · {told % {'time': length(abs(away))}}"
    if reading.signal.endswith("_seconds"):
        return length(reading.value)
    return f"{reading.value:g}"


def length(seconds: float) -> str:
    """A length of time in its largest whole unit."""
    for unit, word in ((DAY, _("%(n)s 天")), (HOUR, _("%(n)s 小时")), (MINUTE, _("%(n)s 分钟"))):
        if abs(seconds) >= unit:
            return word % {"n": int(seconds / unit)}
    return _("%(n)s 秒") % {"n": f"{seconds:.0f}"}


def kept(found: Iterable[WorkloadStatus]) -> Sequence[tuple[str, str]]:
    """Certificate that ends first, last backup and drill; or that there is none."""
    every = [one for status in found for one in status.readings]
    rows = []
    for signal, first in ((signals.CERTIFICATE, min), (signals.BACKUP, max), (signals.DRILL, max)):
        one = first(
            (one for one in every if one.signal == signal.name),
            key=lambda one: one.value,
            default=None,
        )
        rows.append((name(signal.name), shown(one) if one else _("尚无记录")))
    return rows
