"""The rules follow SM-01 whatever people do, in whatever order, on whatever days."""

import os

from tests.filing.machine import run
from tests.filing.sides import Rules

RUNS = max(250, int(os.environ.get("MINZHENG_MACHINE_RUNS", "0")))
"""`make machine` takes 500."""
OFTEN = {
    "VILLAGE_REVIEW → COMPLETENESS", "COMPLETENESS → CORRECTION", "CORRECTION → COMPLETENESS",
    "COMPLETENESS → NOTICE_PERIOD", "NOTICE_PERIOD → COMPLETENESS", "COMPLETENESS → FILED",
    "NOTICE_PERIOD → FILED", "COMPLETENESS → REFUSED", "FILED → RENEW_DUE", "RENEW_DUE → FILED", "RENEW_DUE → EXPIRED",
}  # fmt: skip
"""Walked ten times and more in such a run; lapse and withdrawals are a matter of luck."""
AGAIN = 4
"""Further runs for what one has missed by luck."""


def test_model_and_rules_agree_in_any_order_of_steps() -> None:
    seen = run(Rules(), RUNS)
    for _ in range(AGAIN):
        if set(seen) >= OFTEN:
            break
        seen += run(Rules(), RUNS)
    print(*sorted(seen.items()), sep="\n")
    assert set(seen) >= OFTEN, "the runs got nowhere"
