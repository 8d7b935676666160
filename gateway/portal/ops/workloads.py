"""Workloads as pages name and judge them: a word each, and what of a status is in trouble."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.portal.filters import word
from gateway.portal.language import gettext as _
from gateway.portal.ops.readings import age, left, read
from gateway.portal.visit import Visit
from kit.errors import Refusal
from kit.operations.routing import names
from kit.telemetry import signals
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.operations.v1.operations_pb import (
    GetStatusRequest,
    Traffic,
    WorkloadStatus,
)

BAD, WARN, GOOD = "bad", "warn", "good"
OUTBOX_SECONDS = (60, 300)
UNSEALED_SECONDS = 60
SLOW_MS = 300
FAILED_SHARE = 0.01
CERTIFICATE_DAYS = 5
"""Certificates inside live 30 days and are renewed ten before their end."""
BACKUP_SECONDS = 26 * 3600
FEW = 5
"""Failures that are no more than accidents."""


@dataclass(frozen=True, slots=True)
class Line:
    """A workload on the page of health; `kind` is the worst of its troubles."""

    name: str
    kind: str
    troubles: Sequence[tuple[str, str]]
    """Kind and sentence of each."""
    status: WorkloadStatus | None = None
    refusal: Refusal | None = None

    @property
    def traffic(self) -> Traffic | None:
        """What it answered: requests at the gateway, calls elsewhere."""
        if self.status is None:
            return None
        return self.status.requests if self.name == "gateway" else self.status.calls

    @property
    def lag(self) -> int:
        """Facts it has not taken in."""
        return sum(one.records for one in self.status.lag) if self.status else 0


def role_word(name: str) -> str:
    """The word of a role as the audit trail names it."""
    found = Role.__members__.get(name, Role.UNSPECIFIED)
    return word(found) if found else "–"


def title(name: str) -> str:
    """What a person calls a workload; a new one has its name until it has a word."""
    known = {
        "filing": _("备案服务"),
        "registration": _("登记服务"),
        "party_building": _("党建服务"),
        "talent": _("人才服务"),
        "funding": _("资金服务"),
        "notifications": _("消息通知服务"),
        "supervision": _("监管与公示服务"),
        "assessment": _("统计考核服务"),
        "gateway": _("网关"),
    }
    return known.get(name, name)


async def lines(visit: Visit) -> list[Line]:
    """Every workload, asked side by side; what is in trouble comes first."""
    found = await asyncio.gather(*(line(visit, name) for name in names()))
    order = (BAD, WARN, GOOD)
    return sorted(found, key=lambda one: order.index(one.kind))


async def line(visit: Visit, name: str) -> Line:
    """One workload; one that does not answer is a line too."""
    try:
        status = (await visit.ask(GetStatusRequest(workload=name))).status
    except Refusal as refusal:
        return Line(name, BAD, ((BAD, _("没有答复")),), refusal=refusal)
    found = [*waiting(status), *working(status), *keeping(status)]
    kinds = {kind for kind, _sentence in found}
    worst = next((kind for kind in (BAD, WARN) if kind in kinds), GOOD)
    return Line(name, worst, found, status)


def waiting(status: WorkloadStatus) -> list[tuple[str, str]]:
    """What waits too long."""
    found = []
    warn, bad = OUTBOX_SECONDS
    if status.outbox_oldest_seconds > warn:
        kind = BAD if status.outbox_oldest_seconds > bad else WARN
        found.append((kind, _("事件未能发出")))
    if status.parked_facts:
        found.append((BAD, _("有挂起的事件")))
    if not status.lag_known:
        found.append((BAD, _("事件总线没有答复")))
    if status.audit_unsealed_seconds > UNSEALED_SECONDS:
        found.append((BAD, _("审计日志未封存")))
    if status.audit_check is not None and not status.audit_check.whole:
        found.append((BAD, _("审计链核验不符")))
    return found


def working(status: WorkloadStatus) -> list[tuple[str, str]]:
    """What goes wrong or slowly."""
    found = []
    for traffic in (status.calls, status.requests):
        if traffic is not None and traffic.failed > FAILED_SHARE * traffic.calls:
            kind = WARN if traffic.failed < FEW else BAD
            found.append((kind, _("有调用出错")))
        if traffic is not None and traffic.p95_ms > SLOW_MS:
            found.append((WARN, _("答复缓慢")))
    if any(one.failed_at > one.ran_at for one in status.timers):
        found.append((WARN, _("定时任务失败")))
    return found


def keeping(status: WorkloadStatus) -> list[tuple[str, str]]:
    """What runs out or was left undone."""
    found = []
    if any(left(one).days < CERTIFICATE_DAYS for one in read(status, signals.CERTIFICATE)):
        found.append((BAD, _("证书即将到期")))
    if any(age(one).total_seconds() > BACKUP_SECONDS for one in read(status, signals.BACKUP)):
        found.append((BAD, _("备份过旧")))
    return found
