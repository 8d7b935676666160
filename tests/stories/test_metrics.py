"""What a platform says of itself in numbers: every signal is stated, its labels are few and known."""

import re

import httpx
import pytest

from gateway.demo.application import form
from kit.contracts import facts, rpcs
from kit.regions import hainan
from kit.telemetry.signals import LABELS, SIGNALS, Kind
from tests.collector import Collector, labels
from tests.platform import Platform
from tests.stories.people import Town
from tests.stories.test_departments import until

ID = re.compile(r"[0-9a-f]{8}-|\d{6}")
SERVICES = {"filing", "gateway", "notifications", "supervision"}
RARE = {
    "minzheng_audit_whole",
    "minzheng_deadline_remaining_seconds",
    "minzheng_deadlines",
    "minzheng_integration_requests_total",
    "minzheng_rpc_repeats_total",
    "minzheng_rpc_rests_total",
    "minzheng_webhook_delivery_total",
    "minzheng_backup_last_success_timestamp_seconds",
    "minzheng_certificate_expiry_timestamp_seconds",
    "minzheng_restore_drill_last_success_timestamp_seconds",
}
"""What a case alone does not bring about, or not within the minute."""


@pytest.fixture(scope="module")
async def busy(platform: Platform, collector: Collector) -> Collector:
    """The collector after a case was filed and reviewed."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        town = Town(platform, http)
        filing_id = await town.draft("指标", form("", town.community, 4, "大同里社区综合服务中心"))
        await town.submit(filing_id)
        await town.reviewed(filing_id)

    async def stated() -> bool:
        return set(SIGNALS) - RARE <= {name for name, _ in collector.points()}

    await until(stated, "signals are missing")
    return collector


async def test_every_signal_is_stated(busy: Collector) -> None:
    said = {name for name, _ in busy.points()}
    assert set(SIGNALS) - RARE <= said <= set(SIGNALS)


async def test_what_every_workload_states_each_of_them_states(busy: Collector) -> None:
    said = {(name, labels(point)["service"]) for name, point in busy.points()}
    for signal in SIGNALS.values():
        if signal.always:
            stated = {signal.by} if signal.by else SERVICES
            assert {(signal.name, one) for one in stated} <= said


async def test_labels_are_names_of_the_code(busy: Collector) -> None:
    """Never an id, a person or a text: a route is its template, a fact its type, a region its code."""
    calls = {f"{rpc.service}/{rpc.name}" for rpc in rpcs()}
    for name, point in busy.points():
        found = labels(point)
        assert set(found) <= LABELS
        assert found["service"] in SERVICES
        if name in ("minzheng_rpc_duration_seconds", "minzheng_rpc_repeats_total"):
            assert found["type"] in calls
        if name == "minzheng_reaction_delay_seconds":
            assert found["type"] in facts()
        if "region" in found:
            assert hainan().find(found["region"])
        assert not ID.search(found.get("type", ""))


async def test_a_slow_call_leads_to_its_trace(busy: Collector) -> None:
    traced = {
        name
        for name, point in busy.points()
        if SIGNALS[name].kind is Kind.HISTOGRAM and any(one.trace_id for one in point.exemplars)
    }
    assert {"minzheng_http_request_duration_seconds", "minzheng_rpc_duration_seconds"} <= traced
