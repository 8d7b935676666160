"""A feed row as the CloudEvents 1.0 event that every channel carries."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.subscriptions.domain.changes import TEST, event_type
from kit.ids import uuid7
from kit.settings import settings
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import CloudEvent, OrganizationState


def cloud_event(row: Mapping[str, Any]) -> CloudEvent:
    """The event of a row of the feed; its id is the same on every channel."""
    state = OrganizationState.from_binary(bytes(row["state"]))
    return CloudEvent(
        specversion="1.0",
        id=str(row["event_id"]),
        source=source(),
        type=row["type"],
        subject=state.filing_no,
        time=instant(row["at"]),
        datacontenttype="application/json",
        dataschema=OrganizationState.desc().type_name,
        partitionkey=state.organization_id,
        sequence=str(row["sequence"]),
        regioncode=state.community_code,
        traceparent=row["traceparent"],
        data=state,
        classification="public",
    )


def source() -> str:
    """Where the events come from."""
    return f"/minzheng/{settings().province}"


def instant(at: datetime | None) -> str:
    """RFC 3339 in UTC; empty for none."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else ""


def json_of(event: CloudEvent) -> bytes:
    """The event in JSON, structured mode, as the feed shows it."""
    return event.to_json(always_emit_implicit=True).encode()


def test_event(region_code: str, at: datetime) -> CloudEvent:
    """An event about no organization, to try an address with."""
    return CloudEvent(
        specversion="1.0",
        id=str(uuid7()),
        source=source(),
        type=event_type(settings().province, TEST),
        subject="TEST",
        time=instant(at),
        datacontenttype="application/json",
        dataschema=OrganizationState.desc().type_name,
        partitionkey="test",
        sequence="0",
        regioncode=region_code,
        data=OrganizationState(name="试送达", regime="test", status="TEST"),
        classification="public",
    )
