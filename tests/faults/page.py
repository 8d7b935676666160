"""docs/faults.md from the figures that the parts of `make faults` kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Figures = Mapping[str, Any]


def lines(kept: Mapping[str, Figures]) -> Iterator[str]:
    """The page: how each part was run, then what it saw."""
    yield "# What was broken on purpose"
    yield ""
    yield (
        "Written by `make faults`. Every check of the parts below held when it was run: nothing"
        " accepted was lost, no effect came twice, facts and effects kept the order of their"
        " organization, numbers had no gaps, the audit trail verified. A part that fails keeps no"
        " figures. Other work ran beside it; the load is that of the last quarter of an hour."
    )
    yield ""
    yield from how(kept, "make faults")
    for name, part in kept.items():
        figures = {figure["part"]: figure for figure in part["figures"]}
        yield ""
        yield from SECTIONS[name](figures, part["figures"])


def how(kept: Mapping[str, Figures], command: str) -> Iterator[str]:
    """How each part was run."""
    yield "| part | run | on | minutes | load |"
    yield "|---|---|---|---|---|"
    for name, part in kept.items():
        counts = " ".join(f"{count}={value}" for count, value in part["counts"].items())
        asked = f"`{command} ONLY={name} {counts}`".replace(" `", "`")
        yield f"| {name} | {asked} | {part['on']} | {part['minutes']:.0f} | {part['load']} |"


def points(figures: Figures, _: Sequence[Figures]) -> Iterator[str]:
    """X1."""
    seen = figures["points"]
    yield "## kill -9 at a named point (X1)"
    yield (
        f"{seen['workers']} workers filed from draft to number without pause for"
        f" {seen['seconds']} s; {seen['kills']} kills, {seen['accepted']} filings accepted,"
        f" {seen['facts']} facts, {seen['unknown']} unknown outcomes resolved by the same request."
        " A kill counts with a request in flight; idle ones were repeated."
    )
    yield ""
    yield "| point | kills that count | deliveries that came again |"
    yield "|---|---|---|"
    for point, kills in seen["busy"].items():
        yield f"| `{point}` | {kills} | {seen['again'].get(point, 0)} |"
    yield ""
    yield (
        "`after_lock` and `before_commit` exist where a gap-free number is drawn: one explicit"
        " transaction. Every other write is one statement, so there is no moment between lock and"
        " commit in which our process could die; `during_write` and `during_mark` kill it while"
        " the statement, `during_send` while the send, is on its way and its answer still out."
        " Redeliveries are counted from traces; what a killed process had not written is missing."
    )


def random_kills(_: Figures, every: Sequence[Figures]) -> Iterator[str]:
    """kill -9 of one process again and again."""
    yield "## kill -9 of one process again and again"
    yield (
        "Each after requests were answered again and while others were in flight; where the"
        " consumer of facts dies no request fails, and what waits is taken in by its next life."
    )
    yield ""
    yield "| process | kills | accepted | unknown outcomes |"
    yield "|---|---|---|---|"
    for one in every:
        yield f"| {one['victim']} | {one['kills']} | {one['accepted']} | {one['unknown']} |"


def sudden(figures: Figures, _: Sequence[Figures]) -> Iterator[str]:
    """X2."""
    seen = figures["sudden"]
    again, rate = seen["again"], seen["writes"] / seen["seconds"]
    yield "## kill -9 of any process at any moment (X2)"
    yield (
        f"Two replicas of every workload (each with its relay, consumer, sealer; the gateways with"
        f" webhook worker and publisher), people of three towns, paced to at most 40 writes/s; on"
        f" this loaded machine {rate:.0f}/s were accepted over {seen['seconds']} s, the outages"
        f" included. {seen['kills']} kills with a request in"
        f" flight ({seen['idle']} without were repeated), schedule by seed {seen['seed']}:"
        f" {', '.join(f'{name} {n}' for name, n in sorted(seen['busy'].items()))}."
    )
    yield ""
    yield (
        f"{seen['lives']} cases lived, {seen['filed']} organizations filed, {seen['writes']} writes"
        f" accepted, {seen['unknown']} unknown outcomes resolved by the same request (often at the"
        f" other gateway); {seen['facts']} facts, {seen['effects']} messages. 0 lost, 0 double:"
        " every case has the same steps as one that nobody disturbed, every fact exactly its"
        " messages, contact details the version that counts their saves."
    )
    yield ""
    yield (
        f"Came again and had no second effect: {sum(again.values())} deliveries (relay"
        f" {again.get('relay', 0)}, consumers {again.get('consumer', 0)}, webhook"
        f" {again.get('webhook', 0)}, feed {again.get('feed', 0)}, log {again.get('log', 0)}). Some"
        f" of the consumers' because the log forgot the last offsets of {seen['forgotten']} partitions, of the"
        f" webhook's by a replay asked for; the log's reader died {seen['deaths']} times before its"
        " offset. After kills, pause and replay a department held the same states by webhook, feed"
        " and log."
    )


def parts(figures: Figures, _: Sequence[Figures]) -> Iterator[str]:
    """X3, X5, X7, X15, X16."""
    seen = figures["parts"]
    counts, seconds = seen["counts"], seen["seconds"]
    yield "## Database, connections, relay, log, poison (X3, X5, X7, X15, X16)"
    yield (
        f"On one platform with two replicas of everything, one after another, under work:"
        f" PostgreSQL killed {counts['crash']} times; every backend ended, no connection to be"
        f" had, all connections busy, {counts['cut']} times each; the process of the leading relay"
        f" stopped {counts['stop']} times for {seen['stopped']:.0f} s while the server gave its lock"
        f" to the other; all records and offsets of the log lost {counts['lose']} times and sent"
        f" again (`minzheng replay republish`); a fact nobody can read in every topic"
        f" {counts['poison']} times. {seen['writes']} writes accepted, {seen['unknown']} unknown"
        f" outcomes resolved, {seen['facts']} facts, {seen['lives']} cases; 0 lost, 0 double,"
        f" {sum(seen['again'].values())} deliveries came again."
    )
    yield ""
    yield "| seconds | times | median | longest | target |"
    yield "|---|---|---|---|---|"
    for what, found in seconds.items():
        row = (found["times"], found["median"], found["longest"], TARGETS[what])
        yield f"| {what} | {' | '.join(map(str, row))} |"
    yield ""
    yield (
        "From a fact to its message, p99: "
        f"{seen['delays']['before']} s in the seconds before poison, {seen['delays']['beside']} s"
        " beside it. Only the poisoned aggregates were parked."
    )


TARGETS = {
    "server ready": "10",
    "good after crash": "5",
    "refused": "2",
    "healed of ended backends": "5",
    "healed of too many connections": "5",
    "healed of an empty pool": "5",
    "good after a stopped relay": "5",
}


def black_hole(figures: Figures, _: Sequence[Figures]) -> Iterator[str]:
    """X18: one address of twenty that never answers."""
    seen = figures["black_hole"]
    yield "## One department of twenty that never answers (X18)"
    yield (
        f"{seen['events']} events to twenty addresses; from the change to its arrival at the"
        f" nineteen others, p99: {seen['whole']} s when all answer, {seen['hole']} s with the hole"
        f" ({seen['ratio']} times). The whole list of X18 (500, black hole, slow answer, expired"
        " certificate, 410, flapping, over 75 virtual hours) is"
        " `tests/gateway/subscriptions/test_x18.py`."
    )


def keys(figures: Figures, _: Sequence[Figures]) -> Iterator[str]:
    """Idempotency."""
    seen = figures["keys"]
    yield "## The same request five times at once"
    yield (
        f"{seen['keys']} keys, {seen['sends']} requests, {seen['at_once']} at a time:"
        f" {seen['keys']} effects, five equal answers each. Another body: 422; behind one still"
        " at work for over 2 s: 409; keys are kept for 7 days."
    )


def feeds(_: Figures, every: Sequence[Figures]) -> Iterator[str]:
    """X14."""
    yield "## Facts five times, in any order, some only with a replay (X14)"
    for one in every:
        yield (
            f"- {one['consumer']}: {one['facts']} facts, seeds 0 to {one['seeds'] - 1},"
            f" {one['without_effect']} deliveries without effect; the state's hash equals the"
            " undisturbed one for every seed."
        )


def trail(figures: Figures, _: Sequence[Figures]) -> Iterator[str]:
    """A long audit trail."""
    seen = figures["trail"]
    yield "## A long audit trail"
    yield (
        f"{seen['rows']:,} clean rows: sealed in {seen['sealing']} s; verified from genesis in"
        f" {seen['verifying']} s ({seen['verifying_cpu']} s of processor), no false alarm; exported"
        f" and verified by the second verifier in {seen['second']} s, no false alarm. One row changed"
        " in the middle was named by both. Every kind of tampering of"
        " `tests/kit/audit/test_tampering.py` was found by both."
    )


def controls(figures: Figures, _: Sequence[Figures]) -> Iterator[str]:
    """Negative controls."""
    yield "## What the checks catch"
    yield (
        "Sabotaged on purpose in the tests, each noticed by the same checks (the suite fails where"
        f" one is not): {', '.join(figures['controls']['caught'])}. The judge of X2 has controls of"
        " its own (`tests/faults/test_verdict.py`): a step, number or message lost or doubled,"
        " facts in disorder, departments that differ, a run that hit nothing."
    )


SECTIONS: dict[str, Callable[[Figures, Sequence[Figures]], Iterator[str]]] = {
    "points": points,
    "random": random_kills,
    "sudden": sudden,
    "parts": parts,
    "black_hole": black_hole,
    "keys": keys,
    "feeds": feeds,
    "trail": trail,
    "controls": controls,
}
