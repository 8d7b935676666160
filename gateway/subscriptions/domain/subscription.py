"""A department's subscription: asked for, approved by another person, tested, live. Pure.

A rule returns (subscription, fact); `fact` None where nothing is stated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway.queue.breaker import Health
from gateway.subscriptions.domain.address import Network, target
from gateway.subscriptions.domain.changes import event_type
from kit.calendar import Moment
from kit.errors import Refusal, conflict, forbidden, invalid

VERBS = (
    "filed", "changed", "cancelled", "registered",
    "graduated", "deregistered", "revoked", "banned",
)  # fmt: skip
"""Changes departments may be told of (specification §3.2)."""
OVERLAP = timedelta(days=1)
"""For so long the former secret signs beside the new one."""
FINAL = ("REFUSED", "ENDED")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription; `stopped_by` and `reason` say who stopped it and why."""

    subscription_id: str
    account: str
    region_code: str
    region_path: str
    types: tuple[str, ...]
    purpose: str
    url: str
    networks: tuple[str, ...]
    requested_at: datetime
    state: str = "REQUESTED"
    version: int = 1
    fact_version: int = 1
    decided_by: str = ""
    reason: str = ""
    stopped_by: str = ""
    secret: bytes = b""
    former: bytes = b""
    former_until: datetime | None = None
    live_from: int | None = None
    health: Health = field(default_factory=Health)

    def secrets(self, now: datetime) -> tuple[bytes, ...]:
        """What signs now, the newest first."""
        overlaps = self.former and self.former_until is not None and now < self.former_until
        return (self.secret, self.former) if overlaps else (self.secret,)


@dataclass(frozen=True, slots=True)
class Stated:
    """What every fact of a subscription says."""

    subscription_id: str
    fact_version: int
    owner_account: str
    region_code: str
    region_path: str


@dataclass(frozen=True, slots=True)
class SubscriptionRequested(Stated):
    """已申请事件订阅"""

    requested_on: str


@dataclass(frozen=True, slots=True)
class SubscriptionApproved(Stated):
    """已批准事件订阅"""

    decided_on: str


@dataclass(frozen=True, slots=True)
class SubscriptionRefused(Stated):
    """不批准事件订阅"""

    decided_on: str


@dataclass(frozen=True, slots=True)
class SubscriptionOpened(Stated):
    """事件订阅已开通"""

    opened_on: str


@dataclass(frozen=True, slots=True)
class SubscriptionPaused(Stated):
    """事件推送已暂停"""

    stopped_by: str
    paused_on: str


@dataclass(frozen=True, slots=True)
class SubscriptionResumed(Stated):
    """事件推送已恢复"""

    resumed_on: str


@dataclass(frozen=True, slots=True)
class SubscriptionEnded(Stated):
    """事件订阅已终止"""

    stopped_by: str
    ended_on: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The subscription as it is now, and the fact."""

    subscription: Subscription
    fact: Stated | None = None


def request(
    asked: Subscription, province: str, allowed: Sequence[Network], moment: Moment
) -> Outcome:
    """Ask for a subscription.

    Raises Refusal subscriptions.type, url, network or network_not_allowed.
    """
    known = {event_type(province, verb) for verb in VERBS}
    if not set(asked.types) <= known:
        raise invalid("subscriptions.type", "事件类型不在目录内，请按事件目录填写。")
    target(asked.url, asked.networks, allowed)
    return _told(asked, SubscriptionRequested, requested_on=moment.today.isoformat())


def approve(found: Subscription, by: str, moment: Moment) -> Outcome:
    """The second person agrees (two persons register an address)."""
    return _decided(found, by, moment, "APPROVED", SubscriptionApproved)


def refuse(found: Subscription, by: str, reason: str, moment: Moment) -> Outcome:
    """The second person does not agree."""
    return _decided(replace(found, reason=reason), by, moment, "REFUSED", SubscriptionRefused)


def _decided(
    found: Subscription, by: str, moment: Moment, state: str, kind: type[Stated]
) -> Outcome:
    _expect(found, "REQUESTED")
    if by == found.account:
        raise forbidden("subscriptions.second_person", "申请与批准须由不同人员办理。")
    after = _changed(found, state=state, decided_by=by)
    return _told(after, kind, decided_on=moment.today.isoformat())


def rotate(found: Subscription, secret: bytes, moment: Moment) -> Outcome:
    """Issue the first secret, or a next one beside which the former signs for a day."""
    _expect(found, "APPROVED", "LIVE", "PAUSED")
    until = moment.at + OVERLAP if found.secret else None
    after = _changed(found, secret=secret, former=found.secret, former_until=until)
    return Outcome(replace(after, fact_version=found.fact_version))


def may_test(found: Subscription) -> None:
    """Raises Refusal where no test can be sent: not approved, over, or without secret."""
    _expect(found, "APPROVED", "LIVE", "PAUSED")
    if not found.secret:
        raise conflict("subscriptions.no_secret", "请先领取签名密钥。")


def opened(found: Subscription, head: int, moment: Moment) -> Outcome:
    """After a test that arrived: an approved subscription goes live from the feed's head on."""
    if found.state != "APPROVED":
        return Outcome(found)
    after = _changed(found, state="LIVE", live_from=head)
    return _told(after, SubscriptionOpened, opened_on=moment.today.isoformat())


def pause(found: Subscription, by: str, reason: str, moment: Moment) -> Outcome:
    """Stop delivering for a while; `by` is DEPARTMENT, AUTHORITY or PLATFORM."""
    _expect(found, "LIVE")
    after = _changed(found, state="PAUSED", stopped_by=by, reason=reason)
    return _told(after, SubscriptionPaused, stopped_by=by, paused_on=moment.today.isoformat())


def resume(found: Subscription, by: str, moment: Moment) -> Outcome:
    """Deliver again, from a clean bill of health. What the authority paused, it resumes."""
    _expect(found, "PAUSED")
    if found.stopped_by == "AUTHORITY" and by != "AUTHORITY":
        raise conflict("subscriptions.paused_by_authority", "该订阅由民政部门暂停，须由其恢复。")
    after = _changed(found, state="LIVE", stopped_by="", reason="", health=Health())
    return _told(after, SubscriptionResumed, resumed_on=moment.today.isoformat())


def end(found: Subscription, by: str, reason: str, moment: Moment) -> Outcome:
    """End for good; the secrets go."""
    if found.state in FINAL:
        raise wrong_state()
    after = _changed(
        found, state="ENDED", stopped_by=by, reason=reason,
        secret=b"", former=b"", former_until=None,
    )  # fmt: skip
    return _told(after, SubscriptionEnded, stopped_by=by, ended_on=moment.today.isoformat())


def may_redeliver(found: Subscription) -> None:
    """Raises Refusal unless the subscription delivers or will again."""
    _expect(found, "LIVE", "PAUSED")


def _expect(found: Subscription, *states: str) -> None:
    if found.state not in states:
        raise wrong_state()


def wrong_state() -> Refusal:
    """The subscription's state does not allow it."""
    return conflict("subscriptions.wrong_state", "该订阅当前状态不能办理此事项。")


def _changed(found: Subscription, **values: object) -> Subscription:
    counted = {"version": found.version + 1, "fact_version": found.fact_version + 1}
    return replace(found, **counted | values)  # type: ignore[arg-type]


def _told(after: Subscription, kind: type[Stated], **more: str) -> Outcome:
    fact = kind(
        after.subscription_id, after.fact_version, after.account,
        after.region_code, after.region_path, **more,
    )  # fmt: skip
    return Outcome(after, fact)
