"""docs/operations/capacity.md, computed from docs/performance.json: `python -m tests.bench.capacity`.

What was measured is CPU time a request, by process; how many requests there will be is assumed, and
every assumption stands in the page. `make bench` writes the page anew with its figures.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Any

from tests.platform import ROOT

MEASURED = ROOT / "docs" / "performance.json"
PAGE = ROOT / "docs" / "operations" / "capacity.md"
WRITE, READ = "submit, 32 in flight: product", "list 20: product"
SHARE_LATE, WORKING_DAYS, HOURS, BURST = 0.4, 3, 8, 10
"""Of the yearly reports so many come in the last days, and at times so many times as fast."""
CALLS, OTHERS = 40, 4
"""HTTP calls around a submission; all calls for each of those: officers and people who only look."""
RECORDS, FACTS = 30, 2.2
"""Records of an organization a year; facts a record."""
BUSY = 0.65
"""Share of a core that may be used before the scaler adds a pod."""
ROW_KB, AUDIT_KB, BUS_KB, COPIES, ATTACHED_MB = 1.0, 0.7, 1.5, 3, 4.5
HEAD = """# Capacity

Computed by `make capacity` from `docs/performance.json` (`{command}` of {day}, {cores} cores, {cpu}); `make bench` writes it too. A test compares the page with the figures.

**Measured** is CPU time a request by process, never requests a second of a busy machine. **Assumed** is everything about organizations and habits; a province puts its own numbers in their place (`tests/bench/capacity.py`).

## What a request costs
CPU milliseconds; a core of another make differs by its speed.

| process | a submission | a list of 20 |
|---|---|---|
"""


@dataclass(frozen=True)
class Size:
    """Somebody who runs the platform."""

    name: str
    organizations: int

    @property
    def submissions(self) -> float:
        """A second, in the last days of the yearly reports."""
        return self.organizations * SHARE_LATE * BURST / (WORKING_DAYS * HOURS * 3600)

    @property
    def calls(self) -> float:
        """HTTP calls a second at that time."""
        return self.submissions * CALLS * OTHERS

    @property
    def records(self) -> float:
        """A year."""
        return self.organizations * RECORDS


SIZES = (Size("province", 30_000), Size("country", 900_000))


def costs(told: Mapping[str, Any], row: str) -> dict[str, float]:
    """CPU milliseconds a request by process, the median of the rounds; what is next to nothing is left out."""
    rounds = [one["cpu_ms"] for one in told["rounds"][row]]
    found = {name: median(one.get(name, 0.0) for one in rounds) for name in rounds[0]}
    return {name: ms for name, ms in found.items() if ms >= 0.05}


def cores(size: Size, write: float, read: float) -> float:
    """Cores busy at the peak, where a submission and any other call cost so many milliseconds."""
    return (size.submissions * write + (size.calls - size.submissions) * read) / 1000


def page(told: Mapping[str, Any]) -> str:
    """The page."""
    write, read, machine = costs(told, WRITE), costs(told, READ), told["machine"]
    text = HEAD.format(command=told["command"], day=told["at"][:10], **machine)
    processes = list(write | read)
    for name in processes:
        text += f"| {name} | {write.get(name, 0):.2f} | {read.get(name, 0):.2f} |\n"
    text += f"| all | {sum(write.values()):.2f} | {sum(read.values()):.2f} |\n"
    text += _peak() + _cores(processes, write, read) + _a_year() + _not_here(told)
    return text


def _peak() -> str:
    titles = " | ".join(size.name for size in SIZES)
    days = f"{SHARE_LATE:.0%} of the yearly reports in the last {WORKING_DAYS} working days of {HOURS} h, {BURST} times as fast at times"
    rows = {
        "organizations": [f"{size.organizations:,}" for size in SIZES],
        f"submissions a second ({days})": [f"{size.submissions:.1f}" for size in SIZES],
        f"HTTP calls a second ({CALLS} around a submission, {OTHERS} times that with officers and queries)": [f"{size.calls:,.0f}" for size in SIZES],
    }  # fmt: skip
    return f"\n## The busiest hour, assumed\n| | {titles} |\n|---|{'---|' * len(SIZES)}\n" + _table(
        rows
    )


def _cores(processes: list[str], write: Mapping[str, float], read: Mapping[str, float]) -> str:
    titles = " | ".join(f"{size.name}: busy | to order" for size in SIZES)
    text = f"\n## Cores for it\nEvery other call is taken as dear as a list. *To order*: so that {BUSY:.0%} are busy; the replicas of `deploy/k8s` stay for the loss of a node whatever the load is.\n\n| process | {titles} |\n|---|{'---|---|' * len(SIZES)}\n"
    for name in processes:
        found = [cores(size, write.get(name, 0), read.get(name, 0)) for size in SIZES]
        text += f"| {name} | " + " | ".join(f"{n:.2f} | {_ordered(n):g}" for n in found) + " |\n"
    whole = [cores(size, sum(write.values()), sum(read.values())) for size in SIZES]
    text += "| all | " + " | ".join(f"{n:.2f} | {_ordered(n):g}" for n in whole) + " |\n"
    gateway = 1000 * BUSY / read["gateway"]
    submitted = 1000 * BUSY / sum(write.values())
    return (
        text
        + f"\nA core of the gateway carries {gateway:,.0f} lists a second at {BUSY:.0%}; a core of everything {submitted:,.0f} submissions.\n"
    )


def _ordered(busy: float) -> float:
    """Cores to order, in quarters."""
    return ceil(4 * busy / BUSY) / 4


def _a_year() -> str:
    titles = " | ".join(size.name for size in SIZES)
    facts = [size.records * FACTS for size in SIZES]
    rows = {
        f"records ({RECORDS} an organization)": [f"{size.records / 1e6:.1f} M" for size in SIZES],
        f"facts ({FACTS:g} a record)": [f"{n / 1e6:.1f} M" for n in facts],
        f"rows ({ROW_KB:g} kB) and audit ({AUDIT_KB:g} kB a fact)": [
            f"{(size.records * ROW_KB + n * AUDIT_KB) / 1e6:.1f} GB" for size, n in zip(SIZES, facts, strict=True)
        ],
        f"bus ({BUS_KB:g} kB a fact, {COPIES} copies)": [f"{n * BUS_KB * COPIES / 1e6:.0f} GB" for n in facts],
        f"attachments ({ATTACHED_MB:g} MB a yearly report)": [
            f"{size.organizations * ATTACHED_MB / 1e6:.2f} TB" for size in SIZES
        ],
    }  # fmt: skip
    return f"\n## A year, assumed\n| | {titles} |\n|---|{'---|' * len(SIZES)}\n" + _table(rows)


def _not_here(told: Mapping[str, Any]) -> str:
    memory = next(one["value"] for one in told["figures"] if one["id"] == "B10b")
    return f"""
## What the figures do not say
- Memory: all processes of the one-command run take {memory:.0f} MB (B10b); limits of pods are in `deploy/k8s` and were not loaded to their ends.
- Keycloak, Kafka, the collector and Prometheus are other projects' programs: their own guides count.
- A country is a platform for each province; its column says what all of them take together.
- A submission with its files: hashing and storing an upload is not in a submission's milliseconds.
"""


def _table(rows: Mapping[str, list[str]]) -> str:
    return "".join(f"| {name} | {' | '.join(cells)} |\n" for name, cells in rows.items())


def write() -> None:
    """Write the page from the figures beside it."""
    PAGE.write_text(page(json.loads(MEASURED.read_text("utf-8"))), "utf-8")


if __name__ == "__main__":
    write()
