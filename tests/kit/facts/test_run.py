"""The runtime from the log to the effect, with everything that may be cut on the way."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from opentelemetry.trace import SpanKind

from kit.log.port import LogError, Record
from kit.outbox import Doorbell, Relay
from kit.reactions import Intake, Reaction, run
from kit.reactions.intake import by_type
from kit.telemetry import traceparent
from proto.gen.minzheng.filing.v1.facts_pb import FilingSubmitted
from tests.kit.facts.helpers import apply, delivery, effects, record, state, submitted, until
from tests.kit.facts.test_records import TRACE, TRACEPARENT
from tests.kit.log.conftest import TOPIC
from tests.kit.log.reading import send
from tests.spans import spans_of

REACTIONS = [Reaction(FilingSubmitted, apply)]


def reacting(database, log, reactions=REACTIONS, **options):
    """The runtime as work that takes its stop event."""

    async def work(stop) -> None:
        await run("filing", database, log, reactions, stop=stop, **options)

    return work


async def applied(database, organizations: int, versions: int) -> bool:
    expected = list(range(1, versions + 1))
    return all([await effects(database, f"o{n}") == expected for n in range(organizations)])


async def test_from_the_statement_to_the_effect_once_and_in_order(database, log, running):
    relay = Relay("filing", database, log, Doorbell(), poll_seconds=0.05)
    two = reacting(database, log), reacting(database, log)
    async with running(relay.run, *two):
        for version in range(1, 6):
            for n in range(8):
                await state(database, submitted(f"o{n}", version))
        await until(partial(applied, database, 8, 5))
    assert await log.lag("filing") == {TOPIC: 0}


async def test_a_foreign_record_and_poison_do_not_stop_the_partition(database, log, running):
    async def poison(connection, fact, event):
        if event.aggregate_id == "bad":
            raise RuntimeError
        await apply(connection, fact, event)

    await send(
        log, TOPIC, Record("junk", b"junk"), record(submitted("bad", 1)), record(submitted("o0", 1))
    )
    work = reacting(database, log, [Reaction(FilingSubmitted, poison)], delays=(0, 0, 0, 0))
    async with running(work):
        await until(partial(applied, database, 1, 1))

        async def all_parked() -> bool:
            return await database.pool.fetchval("SELECT count(*) FROM kit.parked") == 2

        await until(all_parked)
    assert await log.lag("filing") == {TOPIC: 0}


class Forgetful:
    """A log that loses the first commit of offsets, as a crash between effect and offset does."""

    def __init__(self, log) -> None:
        self.log, self.lost, self.seen = log, 0, 0

    def consumer(self, group, topics):
        consumer, self_ = self.log.consumer(group, topics), self

        class Consumer:
            async def poll(self, seconds, limit=100, done=()):
                await self.commit(done)
                found = await consumer.poll(seconds, limit)
                self_.seen += len(found)
                return found

            async def commit(self, deliveries):
                if deliveries and not self_.lost:
                    self_.lost += len(deliveries)
                    raise LogError("lost")
                await consumer.commit(deliveries)

            async def close(self):
                await consumer.close()

        return Consumer()


async def test_a_crash_between_effect_and_offset_delivers_again_to_one_effect(
    database, log, running
):
    await send(log, TOPIC, *(record(submitted(f"o{n}", 1)) for n in range(5)))
    forgetful = Forgetful(log)
    async with running(reacting(database, forgetful)):

        async def committed() -> bool:
            return await log.lag("filing") == {TOPIC: 0}

        await until(committed)
    assert forgetful.lost > 0
    assert forgetful.seen == 5 + forgetful.lost
    assert await applied(database, 5, 1)


async def test_a_database_that_cuts_the_connection_is_tried_again(database, log, running):
    tries = []

    async def cut_once(connection, fact, event):
        tries.append(event.version)
        if len(tries) == 1:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        await apply(connection, fact, event)

    await send(log, TOPIC, record(submitted("o0", 1)))
    async with running(reacting(database, log, [Reaction(FilingSubmitted, cut_once)])):
        await until(partial(applied, database, 1, 1))
    assert tries == [1, 1]


@pytest.fixture
def finished(monkeypatch):
    return spans_of(monkeypatch, "kit.reactions.tracing.tracer").get_finished_spans


@pytest.mark.parametrize(("age", "child"), [(timedelta(), True), (timedelta(minutes=6), False)])
async def test_the_span_is_a_child_while_the_fact_is_young_and_linked_after(
    database, finished, age, child
):
    sent = record(submitted("org", 1), at=datetime.now(UTC) - age, traceparent=TRACEPARENT)
    await Intake("test", database, by_type(REACTIONS)).take(delivery(sent))
    [span] = finished()
    assert (span.name, span.kind) == (f"process {TOPIC}", SpanKind.CONSUMER)
    assert (f"{span.context.trace_id:032x}" == TRACE) is child
    assert (span.parent is not None) is child
    assert [f"{link.context.trace_id:032x}" for link in span.links] == ([] if child else [TRACE])
    assert span.attributes["minzheng.outcome"] == "applied"


async def test_a_young_trace_that_is_not_kept_goes_on_as_it_came(database, finished):
    seen, came = [], f"{TRACEPARENT[:-2]}00"

    async def note(_connection, _fact, _event) -> None:
        seen.append(traceparent()["traceparent"])

    sent = record(submitted("org", 1), at=datetime.now(UTC), traceparent=came)
    await Intake("test", database, by_type([Reaction(FilingSubmitted, note)])).take(delivery(sent))
    assert (seen, finished()) == ([came], ())
