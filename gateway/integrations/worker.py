"""The worker of one way outward: every gateway runs one a way, and they share its queue by claims.

An attempt is claimed, opened, handed over, recorded, reported. What was handed over and not
recorded because the process died is handed over again: once more by mail, never by an SMS gateway
that keeps to the idempotency key. What was recorded is only reported again.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from opentelemetry import trace

from gateway.integrations import schedule
from gateway.integrations.desk import Desk
from gateway.integrations.letter import Kind, Letter, Transport, Verdict
from gateway.integrations.store import Queue, Sending
from gateway.queue.breaker import LONGEST_HOLD, Health, failed
from gateway.queue.rounds import RECORD_SECONDS, Rounds
from kit.calendar import QuietHours, WorkingCalendar
from kit.crash import point
from kit.telemetry import metrics, span
from proto.gen.minzheng.notifications.v1.dispatches_pb import DispatchState

log = logging.getLogger(__name__)
DESK_SECONDS = 12.0
"""Longest time two calls at the desk take."""
ENDS = {Kind.ACCEPTED: "ACCEPTED", Kind.KEPT: "KEPT", Kind.PERMANENT: "FAILED"}


@dataclass
class Sender(Rounds[Sending]):
    """Hands letters of one way over."""

    channel: str
    queue: Queue
    desk: Desk
    transport: Transport
    hours: QuietHours
    now: Callable[[], Awaitable[datetime]]
    """Time of the schedule."""

    async def claim(self, room: int) -> Sequence[Sending]:
        """What is due and may be handed over now."""
        now = await self.now()
        lease = timedelta(seconds=self.transport.patience + DESK_SECONDS + RECORD_SECONDS)
        quiet = self.hours.quiet(now, WorkingCalendar())
        return await self.queue.claim(self.channel, now, room=room, lease=lease, quiet=quiet)

    async def work(self, one: Sending) -> None:
        """One attempt, and its report where it was the last."""
        with span("send", trace.SpanKind.CLIENT) as running:
            running.set_attribute("minzheng.attempt", one.attempts + 1)
            ended = one if one.state else await self._attempt(one)
            if ended is not None:
                await self._report(ended)

    async def _report(self, one: Sending) -> None:
        if one.state != "SETTLED":
            state = DispatchState[one.state]
            await self.desk.report(str(one.dispatch_id), state, one.reason)
            point(self.queue.database.workload, "after_report")
        await self.queue.done(one)

    async def _attempt(self, one: Sending) -> Sending | None:
        """The sending with its end; None where it is tried again."""
        now = await self.now()
        if now - one.made_at >= schedule.LIFE:
            return await self._ended(one, "FAILED", "EXPIRED")
        opened = await self.desk.open(str(one.dispatch_id))
        if opened.state is not DispatchState.RELEASED:
            return replace(one, state="SETTLED")
        if not opened.address:
            return await self._ended(one, "FAILED", "NO_ADDRESS")
        letter = Letter(
            str(one.dispatch_id), opened.address, opened.subject, opened.body, opened.messages
        )
        return await self._judged(one, await self._handed_over(letter))

    async def _handed_over(self, letter: Letter) -> Verdict:
        workload = self.queue.database.workload
        point(workload, "before_handover")
        try:
            async with asyncio.timeout(self.transport.patience + 1):
                verdict = await self.transport.send(letter)
        except TimeoutError:
            return Verdict(Kind.TRANSIENT, "TIMEOUT", whole=True)
        if verdict.kind is Kind.ACCEPTED:
            point(workload, "after_handover")
        return verdict

    async def _judged(self, one: Sending, verdict: Verdict) -> Sending | None:
        """Recorded first: what was handed over and is not recorded goes again."""
        named = metrics.labels(
            self.queue.database.workload, self.channel, verdict.kind.name.lower()
        )
        metrics.neighbors.add(1, named)
        now = await self.now()
        ended = await self._decided(one, verdict, now)
        await self.queue.fares(self.channel, lambda health: fares(health, verdict, now), now)
        return ended

    async def _decided(self, one: Sending, verdict: Verdict, now: datetime) -> Sending | None:
        if verdict.kind in ENDS:
            return await self._ended(one, ENDS[verdict.kind], verdict.reason)
        attempts = one.attempts + (verdict.kind is not Kind.THROTTLED)
        # Not for secrets: only so that what failed together does not come back together.
        due = schedule.again(attempts, verdict, one.made_at, now, random.random())  # noqa: S311
        if due is None:
            return await self._ended(one, "FAILED", verdict.reason)
        await self.queue.again(one, attempts, verdict.reason, due)
        return None

    async def _ended(self, one: Sending, state: str, reason: str) -> Sending:
        await self.queue.record(one, state, reason)
        if state == "FAILED":
            log.warning("dispatch %s does not arrive: %s", one.dispatch_id, reason)
        return replace(one, state=state, reason=reason)


def fares(health: Health, verdict: Verdict, now: datetime) -> Health:
    """How the far end fares after an attempt: a letter it answers for shows that it is well."""
    if not verdict.whole:
        return Health(held_until=health.held_until)
    if verdict.kind is Kind.THROTTLED:
        until = now + max(schedule.THROTTLE, min(verdict.asked, LONGEST_HOLD))
        return replace(health, held_until=max(filter(None, (until, health.held_until))))
    return failed(health, now, verdict.asked)
