"""X14: facts that come five times, out of order, or late end in the same state as in their order.

Order across aggregates is shuffled and inside an aggregate too: positions put it right. Some facts
are dropped at first and come with a replay of the whole topic.
"""

import hashlib
import os
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateway.subscriptions.reactions import Changes
from gateway.subscriptions.store.feed import Feed
from kit.database import Database
from kit.log.port import Delivery, Record
from kit.reactions import Intake, Outcome, Reaction
from kit.reactions.batch import take_all
from kit.reactions.intake import by_type
from proto.gen.minzheng.filing.v1.facts_pb import OrganizationFiled
from services.notifications.reactions import reactions
from services.supervision import reactions as register
from tests.conftest import Workload
from tests.faults.figures import note
from tests.kit.facts.helpers import record
from tests.notifications.builders import fact

SEEDS = int(os.environ.get("MINZHENG_FAULT_SEEDS", "2"))
FACTS = int(os.environ.get("MINZHENG_FAULT_FACTS", "2000"))
LIFE = (
    "FilingSubmitted", "FilingReturned", "FilingResubmitted", "OrganizationFiled", "FilingRenewed",
)  # fmt: skip
BATCH = 100
TIMES = 5
STATES = {
    "notifications": """SELECT to_account, to_role, to_node, subject, body, template, about,
 event_id, ordinal FROM message ORDER BY event_id, ordinal""",
    "supervision": """SELECT organization_id, version, cause, since, status, valid_to, name
 FROM register_state ORDER BY organization_id, version""",
    "gateway": """SELECT organization_id, sequence, type, region_path, state FROM feed
 ORDER BY organization_id, sequence""",
}
Consumer = Callable[[Database], list[Reaction]]


def feed_reactions(database: Database) -> list[Reaction]:
    """What the gateway publishes."""
    changes = Changes(Feed(database))
    return [Reaction(OrganizationFiled, changes.on_fact, changes.on_facts)]


CONSUMERS: dict[str, Consumer] = {
    "notifications": lambda _: list(reactions()),
    "supervision": lambda _: list(register.reactions()),
    "gateway": feed_reactions,
}


def stated() -> list[Record]:
    """The facts in the order they were stated: lives of organizations, interleaved."""
    said = []
    for step, name in enumerate(LIFE):
        for number in range(FACTS // len(LIFE)):
            organization = str(UUID(int=number + (7 << 76) + (2 << 62)))
            said.append(record(fact(name, organization_id=organization, fact_version=step + 1)))
    return said


def disturbed(said: Sequence[Record], seed: int) -> list[Record]:
    """Each five times in any order, one of ten not at all; then the whole topic again."""
    chance = random.Random(seed)
    kept = [one for one in said if chance.random() > 0.1]
    again = kept * TIMES
    chance.shuffle(again)
    return [*again, *said]


async def end_state(database: Database, feed: Sequence[Record]) -> tuple[str, int]:
    """Hash of what a consumer holds after a feed; deliveries without effect."""
    name = database.workload
    intake = Intake(name, database, by_type(CONSUMERS[name](database)), delays=())
    idle = 0
    for start in range(0, len(feed), BATCH):
        deliveries = [
            Delivery("minzheng.filing.v1", 0, start + n, one, datetime.now(UTC))
            for n, one in enumerate(feed[start : start + BATCH])
        ]
        outcomes = await take_all(intake, deliveries)
        assert outcomes is not None, "a batch failed"
        idle += sum(one in (Outcome.DUPLICATE, Outcome.OLD) for one in outcomes)
    await intake.sweep()
    for table in ("waiting", "parked"):
        assert await database.pool.fetchval(f"SELECT count(*) FROM kit.{table}") == 0
    async with database.transaction() as connection:
        await connection.execute("SELECT set_config('minzheng.scope', 'r:/', true)")
        rows = await connection.fetch(STATES[name])
    assert len(rows) >= FACTS // len(LIFE), "there is a state to compare"
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest(), idle


@pytest.mark.parametrize("name", CONSUMERS)
async def test_a_disturbed_feed_ends_in_the_same_state(workload: Workload, name: str) -> None:
    said = stated()
    whole, none = await end_state(await workload(name), said)
    assert none == 0
    total = 0
    for seed in range(SEEDS):
        disturbance = disturbed(said, seed)
        found, idle = await end_state(await workload(name), disturbance)
        assert found == whole, f"seed {seed}"
        assert idle == len(disturbance) - len(said)
        total += idle
    note("feeds", consumer=name, facts=len(said), seeds=SEEDS, without_effect=total)
