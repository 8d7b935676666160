"""docs/faults-real.md from the figures that the parts of `make faults-real` kept."""

from collections.abc import Iterator, Mapping, Sequence

from tests.faults.page import Figures, how

VICTIMS = {"leader": "a leader", "controller": "the controller", "two": "two of three at once"}


def lines(kept: Mapping[str, Figures]) -> Iterator[str]:
    """The page: how each part was run, then what it saw."""
    yield "# What was broken on purpose on Kafka and Keycloak"
    yield ""
    yield (
        "Written by `make faults-real`. Every check of the parts below held when it was run: nothing"
        " acknowledged was lost, the order of every key was kept, no request was refused because of"
        " the bus, nobody signed in lost the session. A part that fails keeps no figures. Other work"
        " ran beside it; the load is that of the last quarter of an hour."
    )
    yield ""
    yield from how(kept, "make faults-real")
    for name, part in kept.items():
        yield ""
        yield from SECTIONS[name](part["figures"])


def bus(figures: Sequence[Figures]) -> Iterator[str]:
    """X6."""
    yield "## The bus of a whole platform (X6)"
    yield ""
    yield "| fault | times | filings accepted meanwhile | drained after, s (median, longest) |"
    yield "|---|---|---|---|"
    for one in figures:
        yield f"| {one['fault']} | {one['kills']} | {one['filed']} | {spread(one['drains'])} |"


def brokers(figures: Sequence[Figures]) -> Iterator[str]:
    """X8."""
    yield "## Three brokers, two in step needed (X8)"
    yield ""
    yield (
        "All on one machine, under a load without pause, with the timeouts of"
        " `tests/real/brokers.py`; the goal for the pause is 6 s. A broker that dies is missed after"
        " 2 s, the controller after 1 s more and an election."
    )
    yield ""
    yield "| killed | times | written | came again | pause of writing, s (median, longest) |"
    yield "|---|---|---|---|---|"
    for one in figures:
        pause = spread(one["pauses"]) if one["pauses"] else "while two were down"
        yield (
            f"| {VICTIMS[one['victim']]} | {one['kills']} | {one['written']} | {one['again']} |"
            f" {pause} |"
        )


def sign_on(figures: Sequence[Figures]) -> Iterator[str]:
    """X17."""
    found = {one["part"]: one for one in figures}
    away, keys = found["sign_on"], found["keys"]
    yield "## The sign-on (X17)"
    yield ""
    yield (
        f"Keycloak was away for {away['away']} s, killed as often as it was started again"
        f" ({away['kills']} times): {away['answered']} requests of two people signed in before, one"
        f" by a page and, while it lasted, one by a token, all answered; {away['refused']} attempts to sign in"
        f" failed, those at our door with a page that says so. {away['back']} s after the last kill people signed in again."
    )
    yield ""
    yield (
        f"A key withdrawn at Keycloak opened nothing after {keys['gateway']} s at the gateway and"
        f" {keys['kafka']} s at Kafka (at most 60)."
    )


SECTIONS = {"bus": bus, "brokers": brokers, "sign_on": sign_on}


def spread(seconds: Sequence[float]) -> str:
    """Median and longest."""
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.1f}, {ordered[-1]:.1f}"
