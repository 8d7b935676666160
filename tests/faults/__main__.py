"""`make faults`: the fault tests with full counts; keeps what each part saw and writes docs/faults.md."""

import sys

from tests.faults import page
from tests.faults.book import ROOT, Book

PARTS = {
    "points": ("tests/faults/test_points.py tests/faults/test_webhooks.py", {"KILLS": "20"}),
    "random": ("tests/faults/test_kill.py", {"SUDDEN": "20"}),
    "sudden": ("tests/faults/test_random.py", {"RANDOM": "200", "MOMENT": "2", "SEED": ""}),
    "parts": (
        "tests/faults/test_parts.py",
        {"CRASHES": "20", "CUTS": "20", "STOPS": "20", "STOPPED": "40", "LOSSES": "5",
         "POISONS": "30", "WINDOW": "2"},
    ),
    "black_hole": ("tests/gateway/subscriptions/test_black_hole.py", {"EVENTS": "100"}),
    "keys": ("tests/stories/test_idempotency.py", {"KEYS": "10000"}),
    "feeds": ("tests/faults/test_feeds.py", {"SEEDS": "100", "FACTS": "1000"}),
    "trail": ("tests/kit/audit", {"ROWS": "1000000"}),
    "controls": (
        "tests/faults/test_controls.py tests/faults/test_verdict.py"
        " tests/access/test_behind_the_door.py",
        {},
    ),
}  # fmt: skip
"""Tests of a part, and its counts (`tests.faults.book`)."""

if __name__ == "__main__":
    sys.exit(Book(PARTS, ROOT / "docs" / "faults.md", page.lines).main())
