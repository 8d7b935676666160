"""`make faults-real`: faults of the real bus and sign-on with full counts; writes docs/faults-real.md.

KILLS of each kind, STOPPED seconds for which the bus stands still, AWAY seconds without Keycloak.
"""

import sys

from tests.faults.book import ROOT, Book
from tests.real.faults import page

PARTS = {
    "bus": ("tests/real/faults/test_bus.py", {"KILLS": "20", "STOPPED": "60"}),
    "brokers": ("tests/real/faults/test_brokers.py", {"KILLS": "20"}),
    "sign_on": ("tests/real/faults/test_sign_on.py tests/real/test_keys.py", {"AWAY": "600"}),
}
"""Tests of a part, and its counts (`tests.faults.book`)."""
# kafka-python leaves the sockets of refused connections to the garbage collector.
OPTIONS = ("-W", "ignore:unclosed <socket:ResourceWarning", "-rs", "-s")

if __name__ == "__main__":
    sys.exit(Book(PARTS, ROOT / "docs" / "faults-real.md", page.lines, OPTIONS).main())
