"""Subscriptions and deliveries as messages."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.subscriptions.domain.subscription import Subscription
from gateway.subscriptions.event import instant
from gateway.subscriptions.store.deliveries import Span
from gateway.subscriptions.store.subscriptions import Shown
from kit.errors import Kind, Refusal, invalid
from kit.places import region
from proto.gen.minzheng.subscriptions.v1 import webhooks_pb as pb


def subscription(shown: Shown) -> pb.Subscription:
    """A subscription with what waits."""
    found = shown.subscription
    waits = shown.next_try_at if found.state == "LIVE" else None
    return pb.Subscription(
        subscription_id=found.subscription_id,
        state=pb.SubscriptionState[found.state],
        account=found.account,
        region=region(found.region_code),
        types=list(found.types),
        purpose=found.purpose,
        url=found.url,
        networks=list(found.networks),
        reason=found.reason,
        stopped_by=pb.StoppedBy[found.stopped_by or "UNSPECIFIED"],
        has_secret=bool(found.secret),
        live_from="" if found.live_from is None else str(found.live_from),
        failures=found.health.failures,
        failing_since=instant(found.health.failing_since),
        waiting=shown.waiting,
        next_try_at=instant(waits),
    )


def delivery(row: Mapping[str, Any]) -> pb.Delivery:
    """A row of the delivery log."""
    waits = not row["delivered"] and row["state"] == "LIVE"
    return pb.Delivery(
        number=str(row["number"]),
        event_id=str(row["event_id"]),
        type=row["type"],
        organization_id=str(row["organization_id"]),
        cursor=str(row["position"]),
        attempts=row["attempts"],
        outcome=pb.DeliveryOutcome[row["outcome"] or "UNSPECIFIED"],
        status=row["status"],
        tried_at=instant(row["tried_at"]),
        next_try_at=instant(max(row["due_at"], row["held_until"] or row["due_at"]))
        if waits
        else "",
        redelivery=row["redelivery"],
        delivered=row["delivered"],
    )


def span(request: pb.RedeliverEventsRequest, head: int) -> Span:
    """The range asked for, up to the head of the feed. Refusal subscriptions.range."""
    until = min(int(request.until), head) if request.until else head
    from_time, to_time = moment(request.from_time), moment(request.to_time)
    after = int(request.after or 0)
    if after > until or (from_time and to_time and from_time >= to_time):
        raise bad_range()
    return Span(after, until, from_time, to_time)


def moment(text: str) -> datetime | None:
    """A time, None for an empty text; without zone it is no time."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise bad_range() from error
    if found.tzinfo is None:
        raise bad_range()
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise bad_range() from error


def bad_range() -> Refusal:
    """The range is none."""
    return invalid(
        "subscriptions.range",
        "重新投递的范围有误：起点应早于终点，时间应带时区，例如 2026-03-01T08:00:00+08:00。",
    )


def plain(found: Subscription) -> Shown:
    """A subscription nothing is on its way to."""
    return Shown(found, 0, None)


def position(text: str) -> int:
    """A number of a page token; ValueError for any other text."""
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise ValueError
    return int(text)


def busy() -> Refusal:
    """Too much is on its way already."""
    return Refusal(
        Kind.EXHAUSTED,
        "subscriptions.too_many_waiting",
        "待投递事件过多，请待其送达后再申请重新投递。",
    )
