"""The dashboards: an overview, one a workload, and one for each thing somebody answers for."""

from collections.abc import Iterable, Iterator

from deploy.k8s.generate.form import Manifest
from deploy.k8s.generate.found import Workload
from deploy.k8s.generate.watching.objectives import OBJECTIVES, recorded
from deploy.k8s.generate.watching.panels import Panel, dashboard, panel
from kit.telemetry import signals
from kit.telemetry.signals import Signal


def boards(workloads: Iterable[Workload]) -> Iterator[tuple[str, Manifest]]:
    """Every board by the name of its file."""
    yield "overview", dashboard("overview", "总览", overview())
    for one in workloads:
        yield one.host, dashboard(one.host, f"服务 {one.name}", service(one.name))
    yield "facts", dashboard("facts", "事件", facts())
    yield "postgresql", dashboard("postgresql", "PostgreSQL", postgresql())
    yield "kafka", dashboard("kafka", "Kafka", kafka())
    yield "deadlines", dashboard("deadlines", "各地期限", deadlines())
    yield "departments", dashboard("departments", "部门与外部系统", departments())


def largest(signal: Signal, by: str = "service", labels: str = "") -> tuple[str, str]:
    """A gauge: replicas read the same, so the largest counts."""
    return f"max by ({by}) ({signal.name}{labels})", _legend(by)


def rate(signal: Signal, by: str, labels: str = "") -> tuple[str, str]:
    """Events a second, by some labels."""
    return f"sum by ({by}) (rate({signal.name}{labels}[5m]))", _legend(by)


def p95(signal: Signal, by: str, labels: str = "") -> tuple[str, str]:
    """Seconds within which 95 of 100 are done."""
    buckets = f"sum by ({by}, le) (rate({signal.name}_bucket{labels}[5m]))"
    return f"histogram_quantile(0.95, {buckets})", _legend(by)


def calls(signal: Signal, by: str, labels: str = "") -> tuple[str, str]:
    """Events of a histogram a second."""
    return f"sum by ({by}) (rate({signal.name}_count{labels}[5m]))", _legend(by)


def _legend(by: str) -> str:
    return " ".join(f"{{{{{label.strip()}}}}}" for label in by.split(","))


def overview() -> Iterator[Panel]:
    """Objectives, then what is in trouble."""
    for one in OBJECTIVES:
        lines = ((recorded(one, window), window) for window in ("5m", "1h", "3d"))
        yield panel(one.said, *lines, unit="percentunit", limit=one.allowed)
    yield panel("请求", calls(signals.HTTP, "outcome"), unit="reqps")
    yield panel("请求 95% 时延", p95(signals.HTTP, "service"), unit="s", limit=0.3)
    yield panel("最早未发出的事件", largest(signals.OUTBOX_OLDEST), unit="s", limit=60)
    yield panel("挂起的事件", largest(signals.PARKED), limit=1)
    yield panel("未封存的审计日志", largest(signals.UNSEALED), unit="s", limit=60)
    yield panel("距上次备份", (f"time() - max({signals.BACKUP.name})", "备份"), (f"time() - max({signals.DRILL.name})", "恢复演练"), unit="s")  # fmt: skip
    yield panel("证书剩余时间", (f"min by (service, type) ({signals.CERTIFICATE.name}) - time()", "{{service}} {{type}}"), unit="s")  # fmt: skip
    yield panel("密钥已用时间", largest(signals.KEYS, "type"), unit="s")


def service(name: str) -> Iterator[Panel]:
    """Rate, errors, duration of its calls; what waits there; what room is left."""
    own = f'{{service="{name}"}}'
    if name == signals.HTTP.by:
        yield panel("请求（按路由）", calls(signals.HTTP, "type"), unit="reqps")
        yield panel("请求 95% 时延（按路由）", p95(signals.HTTP, "type"), unit="s", limit=0.3)
        yield panel("再问一次的调用（按方法）", rate(signals.REPEATS, "type"), unit="reqps")
        yield panel("暂停调用的服务", rate(signals.RESTS, "type"), unit="reqps")
    failed = f'{{service="{name}",outcome!="ok"}}'
    yield panel("调用（按方法）", calls(signals.RPC, "type", own), unit="reqps")
    yield panel("出错与被拒", calls(signals.RPC, "type, outcome", failed), unit="reqps")
    yield panel("调用 95% 时延（按方法）", p95(signals.RPC, "type", own), unit="s", limit=0.3)
    yield panel("收到的事件", calls(signals.REACTION_DELAY, "type, outcome", own), unit="reqps")
    yield panel("事件 95% 见效时延", p95(signals.REACTION_DELAY, "type", own), unit="s", limit=5)
    yield panel("待收事件", largest(signals.LAG, "type", own))
    yield panel("待发、挂起与暂存的事件", *(largest(one, "service", own) for one in (signals.OUTBOX, signals.PARKED, signals.GAP)))  # fmt: skip
    yield panel("数据库连接", largest(signals.POOL, "service", own), largest(signals.POOL_SIZE, "service", own))  # fmt: skip
    yield panel("上次失败的定时任务", largest(signals.TIMER_FAILING, "type", own), limit=1)


def facts() -> Iterator[Panel]:
    """From the outbox to the effect."""
    yield panel("待发事件", largest(signals.OUTBOX))
    yield panel("最早未发出", largest(signals.OUTBOX_OLDEST), unit="s", limit=60)
    yield panel("正在发送的进程", (f"sum by (service) ({signals.RELAY.name})", "{{service}}"))
    yield panel("待收事件", largest(signals.LAG, "service, type"))
    yield panel("未收时间", largest(signals.LAG_SECONDS), unit="s", limit=60)
    yield panel("见效 95% 时延", p95(signals.REACTION_DELAY, "service"), unit="s", limit=5)
    yield panel("处理结果", calls(signals.REACTION_DELAY, "service, outcome"), unit="reqps")
    yield panel("挂起", largest(signals.PARKED), limit=1)
    yield panel("等待更早的事件", largest(signals.GAP))


def postgresql() -> Iterator[Panel]:
    """As CloudNativePG tells."""
    yield panel("实例", ("min by (pod) (cnpg_collector_up)", "{{pod}}"))
    yield panel(
        "备机落后", ("max by (pod) (cnpg_pg_replication_lag)", "{{pod}}"), unit="s", limit=30
    )
    yield panel("连接（按状态）", ("sum by (datname, state) (cnpg_backends_total)", "{{datname}} {{state}}"))  # fmt: skip
    yield panel("最长事务", ("max by (datname) (cnpg_backends_max_tx_duration_seconds)", "{{datname}}"), unit="s")  # fmt: skip
    yield panel("数据库大小", ("max by (datname) (cnpg_pg_database_size_bytes)", "{{datname}}"), unit="bytes")  # fmt: skip
    yield panel("各服务占用的连接", largest(signals.POOL))
    yield panel("卷剩余空间", ("min by (persistentvolumeclaim) (kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes)", "{{persistentvolumeclaim}}"), unit="percentunit")  # fmt: skip
    yield panel("最近可用的备份", ("time() - max(cnpg_collector_last_available_backup_timestamp)", "备份"), unit="s")  # fmt: skip


def kafka() -> Iterator[Panel]:
    """As Strimzi's exporter tells."""
    yield panel("副本不足的分区", ("max(kafka_server_replicamanager_underreplicatedpartitions)", "分区"), limit=1)  # fmt: skip
    yield panel("无主分区", ("max(kafka_controller_kafkacontroller_offlinepartitionscount)", "分区"), limit=1)  # fmt: skip
    yield panel("写入", ("sum by (topic) (rate(kafka_server_brokertopicmetrics_messagesin_total[5m]))", "{{topic}}"), unit="reqps")  # fmt: skip
    yield panel("各服务待收事件", largest(signals.LAG, "service, type"))


def deadlines() -> Iterator[Panel]:
    """By county and limit; a county is its division code."""
    yield panel("逾期未办结", largest(signals.DEADLINE_OVERDUE, "region, type"), limit=1)
    yield panel("最近的期限", (f"min by (region, type) ({signals.DEADLINE_REMAINING.name})", "{{region}} {{type}}"), unit="s")  # fmt: skip
    yield panel("在办件", largest(signals.DEADLINES, "region, type"))


def departments() -> Iterator[Panel]:
    """Deliveries and far ends."""
    yield panel("推送结果", rate(signals.WEBHOOKS, "outcome"), unit="reqps")
    yield panel("最早未送达", largest(signals.WEBHOOK_OLDEST), unit="s", limit=3600)
    yield panel("外部系统", rate(signals.NEIGHBORS, "type, outcome"), unit="reqps")
    yield panel("熔断", largest(signals.CIRCUIT, "type"), limit=1)
