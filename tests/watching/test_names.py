"""Every metric that rules and dashboards name exists; every alert has its page; every signal is stated."""

import json
import re
from collections.abc import Iterator

import pytest
import yaml

from deploy.k8s.generate.found import workloads
from deploy.k8s.generate.watching.absent import alerts, measured
from kit.telemetry import signals
from kit.telemetry.signals import LABELS, PREFIX, SIGNALS, Kind
from tests.house.test_files import ROOT, tracked
from tests.watching.tool import RULES

WATCHING = ROOT / "deploy" / "observability"
RUNBOOKS = ROOT / "docs" / "operations" / "runbooks"
FOREIGN = {
    "certmanager_certificate_expiration_timestamp_seconds",
    "cnpg_backends_max_tx_duration_seconds",
    "cnpg_backends_total",
    "cnpg_collector_last_available_backup_timestamp",
    "cnpg_collector_up",
    "cnpg_pg_database_size_bytes",
    "cnpg_pg_replication_lag",
    "kafka_controller_kafkacontroller_offlinepartitionscount",
    "kafka_server_brokertopicmetrics_messagesin_total",
    "kafka_server_replicamanager_underreplicatedpartitions",
    "kube_poddisruptionbudget_status_pod_disruptions_allowed",
    "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_capacity_bytes",
}
"""What operators, the cluster and cert-manager say, by the names of their documentation."""
LABELED = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")
GROUPED = re.compile(r"\bby\s*\(([^)]*)\)")
OF_OTHERS = {"job", "name", "pod", "namespace", "persistentvolumeclaim", "poddisruptionbudget", "topic", "datname", "state", "le"}  # fmt: skip
ATTRIBUTE = re.compile(
    r'"((?:http[.](?:request[.]|response[.]status|route)|messaging[.]|upload[.](?:milliseconds|peak)'
    r'|minzheng[.](?:attempt|fact|outcome|refusal))[a-z_.]*)"'
)
SUFFIXES = ("_count", "_bucket", "_sum")


def expressions() -> Iterator[tuple[str, str]]:
    """Every expression with where it stands."""
    for file in sorted(RULES.glob("*.yaml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                yield f"{file.name} {rule.get('alert', rule.get('record'))}", rule["expr"]
    for file in sorted((WATCHING / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{file.name} {panel['title']}", target["expr"]


def recorded() -> set[str]:
    """Shares that rules compute."""
    groups = yaml.safe_load((RULES / "objectives.yaml").read_text())["groups"]
    return {rule["record"] for group in groups for rule in group["rules"] if "record" in rule}


def unknown(text: str) -> set[str]:
    """Metrics of an expression that nobody states."""
    shares = re.findall(r"minzheng:[a-z0-9_:]+", text)
    return {name for name in measured(text) if not exists(name)} | (set(shares) - recorded())


def exists(name: str) -> bool:
    """It is a metric of the code or one of others; a histogram is named by its parts alone."""
    if name in FOREIGN:
        return True
    base = next((name.removesuffix(end) for end in SUFFIXES if name.endswith(end)), name)
    found = SIGNALS.get(base)
    return found is not None and (found.kind is Kind.HISTOGRAM) is (base != name)


def test_every_metric_that_is_named_exists() -> None:
    wrong = {where: names for where, text in expressions() if (names := unknown(text))}
    assert wrong == {}


@pytest.mark.parametrize(
    "text",
    [
        "max(minzheng_outbox_oldest)",
        "rate(minzheng_rpc_duration_seconds[5m])",
        "sum(minzheng_inbox_parked_count)",
        "minzheng:availability:bad_ratio_9m > 1",
        "cnpg_collector_down == 1",
    ],
)
def test_a_metric_that_does_not_exist_is_seen(text: str) -> None:
    assert unknown(text)


def test_labels_are_those_of_the_code() -> None:
    wrong = {
        where: strange
        for where, text in expressions()
        if (strange := {*LABELED.findall(text), *grouped(text)} - LABELS - OF_OTHERS)
    }
    assert wrong == {}


def grouped(text: str) -> Iterator[str]:
    for names in GROUPED.findall(text):
        yield from (name.strip() for name in names.split(","))


def test_every_alert_has_its_page_and_somebody_who_reads_it() -> None:
    found = [rule for file in sorted(RULES.glob("*.yaml")) for rule in alerts(file)]
    pages = {file.stem for file in RUNBOOKS.glob("*.md")}
    assert {rule["labels"]["runbook"] for rule in found} - pages == set()
    assert {rule["labels"]["severity"] for rule in found} == {"page", "ticket"}
    assert all(rule["annotations"]["summary"] for rule in found)


def test_every_workload_has_a_dashboard() -> None:
    boards = {file.stem for file in (WATCHING / "dashboards").glob("*.json")}
    assert {one.host for one in workloads()} <= boards


def test_the_collector_lets_every_attribute_of_ours_pass() -> None:
    """And it names none that the code does not have: what is not named is cut."""
    config = yaml.safe_load((WATCHING / "collector.yaml").read_text())
    allowed = set(config["processors"]["redaction"]["allowed_keys"])
    product = [file.read_text() for file in tracked() if file.suffix == ".py" and file.relative_to(ROOT).parts[0] in ("kit", "gateway")]  # fmt: skip
    ours = set(ATTRIBUTE.findall("\n".join(product))) | LABELS
    of_resource = {name for name in allowed if name.startswith(("service.", "deployment.", "telemetry."))}  # fmt: skip
    assert ours == allowed - of_resource


def test_every_signal_is_stated_somewhere() -> None:
    named = {name for name, value in vars(signals).items() if isinstance(value, signals.Signal)}
    product = [
        file.read_text()
        for file in tracked()
        if file.suffix == ".py" and file.relative_to(ROOT).parts[0] in ("kit", "gateway", "services")
        and file.name != "signals.py"
    ]  # fmt: skip
    unstated = {name for name in named if not any(re.search(rf"\b{name}\b", text) for text in product)}  # fmt: skip
    assert unstated == set()
    assert all(name.startswith(PREFIX) for name in SIGNALS)


def test_the_table_of_alerts_is_as_the_rules_say() -> None:
    table = (WATCHING / "README.md").read_text()
    rows = dict(re.findall(r"^\| ([a-z-]+) \| ([A-Z][\w, ]+) \|$", table, re.MULTILINE))
    told = {(page, name) for page, names in rows.items() for name in names.split(", ")}
    found = {
        (rule["labels"]["runbook"], rule["alert"])
        for file in RULES.glob("*.yaml")
        for rule in alerts(file)
    }
    assert told == found
