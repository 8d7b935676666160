"""The worker that delivers: every gateway runs one, and they share the work by claims.

An attempt is claimed, made and recorded; what arrives together is recorded together. It may be made
twice when a process dies between, never skipped; what is recorded as arrived was answered by a 2xx.
"""

import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from opentelemetry import trace

from gateway.queue.breaker import LONGEST_HOLD, Health, delay, failed
from gateway.queue.rounds import RECORD_SECONDS, Rounds
from gateway.queue.together import Together
from gateway.subscriptions.delivering import signing
from gateway.subscriptions.delivering.outbound import Answer
from gateway.subscriptions.domain import schedule
from gateway.subscriptions.domain import subscription as domain
from gateway.subscriptions.domain.address import Target, network, parts
from gateway.subscriptions.domain.subscription import Subscription
from gateway.subscriptions.event import cloud_event, json_of
from gateway.subscriptions.store.deliveries import EVERYTHING, Arrival, Claimed, Deliveries
from kit.calendar import Moment
from kit.call import Call, enter
from kit.crash import point
from kit.identity import system
from kit.telemetry import metrics, span, traceparent
from proto.gen.minzheng.common.v1.access_pb import Access
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import CloudEvent

if TYPE_CHECKING:
    from kit.database import Connection

log = logging.getLogger(__name__)
EACH = 4
"""Attempts under way at once to one address."""
REASONS = {"PLATFORM": "重试期满仍未送达", "ENDPOINT": "接收端答复 410"}


class Post(Protocol):
    """Makes one attempt (`delivering.outbound`)."""

    patience: float

    async def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        """What came of it."""


def target_of(found: Subscription) -> Target:
    """Where a subscription delivers to; it was looked at when it was asked for."""
    host, port, path = parts(found.url)
    return Target(host, port, path, tuple(map(network, found.networks)))


async def send(
    post: Post, found: Subscription, event: CloudEvent, *, redelivery: bool = False
) -> Answer:
    """Sign an event and post it."""
    body = json_of(event)
    secrets = found.secrets(datetime.now(UTC))
    headers = {
        "content-type": "application/cloudevents+json; charset=utf-8",
        "user-agent": "minzheng-webhooks/1",
        **signing.headers(secrets, event.id, int(time.time()), body),
        **traceparent(),
        **({"minzheng-redelivery": "true"} if redelivery else {}),
    }
    return await post.post(target_of(found), headers, body)


@dataclass
class Deliverer(Rounds[Claimed]):
    """The worker of one process."""

    deliveries: Deliveries
    post: Post
    now: Callable[[], Awaitable[datetime]]
    """Time of the schedule."""
    arrivals: Together[Arrival] = field(init=False)

    def __post_init__(self) -> None:
        self.arrivals = Together(self.deliveries.arrived)

    async def claim(self, room: int) -> Sequence[Claimed]:
        """What is due and may be sent now."""
        lease = timedelta(seconds=self.post.patience + RECORD_SECONDS)
        return await self.deliveries.claim(await self.now(), room=room, each=EACH, lease=lease)

    async def work(self, one: Claimed) -> None:
        """One attempt in a span of its own."""
        with span("deliver", trace.SpanKind.CLIENT) as running:
            await self.deliver(one)
            running.set_attribute("minzheng.attempt", one.attempts + 1)

    async def deliver(self, one: Claimed) -> None:
        """One attempt, recorded."""
        workload = self.deliveries.database.workload
        point(workload, "before_post")
        event = cloud_event(one.row)
        answer = await send(self.post, one.subscription, event, redelivery=one.redelivery)
        metrics.webhooks.add(1, metrics.labels(workload, "webhook", answer.outcome.lower()))
        if answer.outcome == "DELIVERED":
            point(workload, "after_post")
            await self.arrivals.add((one, answer.status))
            if one.subscription.health.failures:
                await self.deliveries.healed(one.subscription)
        else:
            await self._failed(one, answer)

    async def _failed(self, one: Claimed, answer: Answer) -> None:
        now, attempts = await self.now(), one.attempts + 1
        # Not for secrets: only so that what failed together does not come back together.
        wait = delay(schedule.DELAYS, attempts, random.random()) or timedelta()  # noqa: S311
        due = now + max(wait, min(answer.asked, LONGEST_HOLD))
        async with self.deliveries.acting() as connection:
            found = await self.deliveries.lock(connection, one.subscription)
            held = await self.deliveries.failed(connection, one, answer.outcome, answer.status, due)
            if not held or found.state != "LIVE":
                return
            health = failed(found.health, now, answer.asked)
            await self.deliveries.fares(connection, found, health)
            stopped = stop_after(found, attempts, health, answer, now)
            if stopped is not None:
                await self._save(found, stopped, connection)

    async def _save(
        self,
        found: Subscription,
        stop: Callable[[Moment], domain.Outcome],
        connection: "Connection",
    ) -> None:
        subscriptions = self.deliveries.subscriptions
        moment = await subscriptions.now()
        enter(Call(system("gateway"), "delivering", Access(action="stop_deliveries")))
        outcome = stop(moment)
        await subscriptions.save(
            outcome, moment, EVERYTHING, former=found.state, connection=connection
        )
        subscriptions.unit.doorbell.ring()
        log.warning("deliveries stopped by %s", outcome.subscription.stopped_by)


def stop_after(
    found: Subscription, attempts: int, health: Health, answer: Answer, now: datetime
) -> Callable[[Moment], domain.Outcome] | None:
    """What ends or pauses the subscription after a failure; None where it goes on."""
    if answer.outcome == "GONE":
        return lambda moment: domain.end(found, "ENDPOINT", REASONS["ENDPOINT"], moment)
    if schedule.gives_up(attempts, health, now):
        return lambda moment: domain.pause(found, "PLATFORM", REASONS["PLATFORM"], moment)
    return None
