"""The gauges: what waits, how old it is, how much room is left; read every half a minute.

Pages of operation show the last readings, the exporter sends them: one reading for both. Replicas of
a workload read the same database, so of what they say the largest counts.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509

from kit.backup.folder import bases, last_drill
from kit.doors import CERTIFICATE
from kit.log.session import UNREACHABLE, pause
from kit.operations import checks, status
from kit.operations.workload import Workload
from kit.secrets import Keyring
from kit.settings import settings
from kit.telemetry import metrics, signals
from kit.telemetry.signals import Reading

log = logging.getLogger(__name__)
EVERY_SECONDS = 30.0
KEYS = ("field", "index", "audit")
Measure = Callable[[], Awaitable[Sequence[Reading]]]
"""A look at what a workload has of its own."""


async def watch(workload: Workload, own: Sequence[Measure], stop: asyncio.Event) -> None:
    """Read all gauges until `stop`; while the database is away they show nothing."""
    metrics.show(workload.name, lambda: tuple(workload.readings))
    lagging = Lagging()
    while not stop.is_set():
        try:
            async with asyncio.timeout(EVERY_SECONDS):
                workload.readings[:] = await read(workload, own, lagging)
        except (*UNREACHABLE, TimeoutError) as error:
            workload.readings.clear()
            log.warning("gauges of %s not read: %s", workload.name, type(error).__name__)
        await pause(stop, EVERY_SECONDS)


async def read(workload: Workload, own: Sequence[Measure], lagging: "Lagging") -> list[Reading]:
    """Every gauge of a workload, now."""
    async with workload.unit.database.pool.acquire() as connection:
        waits = await status.waits(connection)
        last = await checks.latest(connection, 1)
    found = [*_waiting(waits), *_here(workload)]
    found += [Reading(signals.WHOLE, check.whole) for check in last]
    found += lagging.told(await workload.lag(), waits.taken_at, datetime.now(UTC))
    for measure in own:
        found += await measure()
    return found


def _waiting(waits: status.Waits) -> Iterator[Reading]:
    yield Reading(signals.OUTBOX_OLDEST, waits.oldest)
    yield Reading(signals.OUTBOX, waits.unpublished)
    yield Reading(signals.PARKED, waits.parked)
    yield Reading(signals.GAP, waits.aside)
    yield Reading(signals.UNSEALED, waits.unsealed)


def _here(workload: Workload) -> Iterator[Reading]:
    """What this process has of its own."""
    pool = workload.unit.database.pool
    yield Reading(signals.RELAY, workload.leads())
    yield Reading(signals.POOL, pool.get_size() - pool.get_idle_size())
    yield Reading(signals.POOL_SIZE, pool.get_max_size())
    for timer in workload.timers:
        ran = timer.ran
        failing = ran.failed_at is not None and (ran.at is None or ran.failed_at > ran.at)
        yield Reading(signals.TIMER_FAILING, failing, timer.name)
    yield from keys(workload.unit.keyring, datetime.now(UTC))
    yield from certificate()


def keys(keyring: Keyring, now: datetime) -> Iterator[Reading]:
    """How old the keys in use are, as their files say; a store that writes them anew makes them young."""
    if keyring.folder is None:
        return
    for kind in KEYS:
        file = keyring.folder / f"{kind}_key_{keyring.used(kind)}"
        yield Reading(signals.KEYS, now.timestamp() - file.stat().st_mtime, kind)


def certificate() -> Iterator[Reading]:
    """When the certificate between workloads ends; nothing where calls do not leave the machine."""
    folder = settings().tls
    if folder is not None:
        found = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        yield Reading(signals.CERTIFICATE, found.not_valid_after_utc.timestamp(), "inside")


async def backups() -> Sequence[Reading]:
    """When a backup and a drill last succeeded; the gateway tells it for the whole server."""
    # Not `last_backup`: the pieces of the log are many, and a look at each takes its time.
    folder, drill = settings().backup, last_drill()
    whole = bases(folder) if folder else []
    found = [Reading(signals.BACKUP, whole[-1].ended.timestamp())] if whole else []
    return [*found, *([Reading(signals.DRILL, drill.timestamp())] if drill else [])]


@dataclass
class Lagging:
    """Since when facts of a topic wait."""

    since: dict[str, datetime] = field(default_factory=dict)

    def told(
        self, lag: Mapping[str, int] | None, taken_at: datetime | None, now: datetime
    ) -> list[Reading]:
        """The lag by topic, and for how long no fact was taken in while some waited.

        Nothing where the log does not answer.
        """
        if lag is None:
            return []
        self.since = {name: self.since.get(name, now) for name, records in lag.items() if records}
        still = [now - max(since, taken_at or since) for since in self.since.values()]
        longest = max((one.total_seconds() for one in still), default=0.0)
        messages = [Reading(signals.LAG, records, topic) for topic, records in lag.items()]
        return [*messages, Reading(signals.LAG_SECONDS, max(longest, 0.0))]
