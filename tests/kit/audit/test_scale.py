"""A long clean trail raises no alarm, and one changed row in it is found; `make faults` takes a million."""

import itertools
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from kit.audit.row import COLUMNS, signed
from tests.faults.figures import note
from tests.kit.audit.conftest import Trail

ROWS = int(os.environ.get("MINZHENG_FAULT_ROWS", "5000"))
WRITTEN = (*COLUMNS, "mac")
MIDDLE = ROWS // 2


def rows(trail: Trail) -> Iterator[tuple[Any, ...]]:
    """Rows of many clerks and cases, a second apart."""
    began = datetime.now(UTC) - timedelta(seconds=ROWS)
    for number in range(ROWS):
        at = began + timedelta(seconds=number)
        row = {
            "service": "filing", "at": at, "business_on": at.date(),
            "subject": str(UUID(int=number % 997)), "role": "TOWN_CLERK",
            "post_id": str(UUID(int=number % 991)), "action": "mark_completeness",
            "object_id": str(UUID(int=number)), "region_path": "/46/4601/460106/460106004/",
            "outcome": "done", "reason": "材料齐全", "from_state": "VILLAGE_REVIEW",
            "to_state": "COMPLETENESS", "rule_version": "2026-01-05",
            "decision_id": UUID(int=number), "traceparent": f"00-{number:032x}-{number:016x}-01",
        }  # fmt: skip
        made = signed(row, trail.keyring.audit_id, trail.keyring.mac)
        yield tuple(made[name] for name in WRITTEN)


async def test_a_long_clean_trail_and_one_row_changed_in_it(trail: Trail) -> None:
    written = rows(trail)
    while some := list(itertools.islice(written, 10_000)):
        async with trail.database.pool.acquire() as connection:
            await connection.copy_records_to_table(
                "audit", schema_name="kit", columns=WRITTEN, records=some
            )
    seconds = {}
    for name, step in (
        ("sealing", trail.sealer.look), ("verifying", trail.inside), ("second", trail.alone)
    ):  # fmt: skip
        began, busy = time.monotonic(), time.process_time()
        done: Any = await step()
        seconds[name] = round(time.monotonic() - began, 1)
        seconds[f"{name}_cpu"] = round(time.process_time() - busy, 1)
        if name == "verifying":
            assert (done.rows, done.unsealed) == (ROWS + 30, 0)
        if name == "second":
            assert f"{ROWS + 30} rows" in done.stdout, "no false alarm"
    await trail.owner.execute("UPDATE kit.audit SET reason = '' WHERE id = $1", MIDDLE)
    assert f"row {MIDDLE} " in await trail.found()
    note("trail", rows=ROWS, **seconds)
