"""The rules follow SM-01 whatever people do, in whatever order, on whatever days."""

from tests.filing.machine import TABLE, run
from tests.filing.model import LIVING
from tests.filing.sides import Rules

RUNS = 500
LATER = {"RENEW_DUE", "EXPIRED", "GRADUATED"}
"""States of the table that the service does not have yet."""


def test_model_and_rules_agree_in_any_order_of_steps() -> None:
    """Every transition of the table is walked on the way, every step is both done and refused."""
    seen = run(Rules(), RUNS)
    wanted = {(a, b) for a, b in TABLE if a in LIVING and "SUBMITTED" not in (a, b)}
    # This county asks every village; without its opinion see the tests of submission.
    wanted -= {("DRAFT", "COMPLETENESS")}
    assert {f"{a} → {b}" for a, b in wanted} <= set(seen), sorted(seen.items())
    assert not {name for _, name in TABLE} & LATER & {name.split()[-1] for name in seen}
