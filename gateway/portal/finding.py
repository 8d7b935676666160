"""Finding a place by what a person types: its name, its code, or the initials of its characters (P15).

A letter stands for itself or for every character whose pinyin begins with it, so that both 大同里
and dtl find 大同里社区; parts with spaces between may be of any level above.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from kit.data import rows
from kit.regions import Level, Node, hainan

PROVINCE = "460000000000"
COMMUNITY = "community"
LONGEST = 40
"""Characters of what is typed that are looked at."""
Fit = tuple[bool, bool, int, str]


def found(typed: str, level: str = "", below: str = PROVINCE) -> Sequence[Node]:
    """Places under `below` that fit, the best first; `level`: only communities, else of any level."""
    parts = [pattern(part) for part in typed[:LONGEST].split()]
    if not parts:
        return ()
    nodes = candidates(level, below)
    fitting = [one for one in nodes if one.code == typed.strip()] or [
        one for one in nodes if all(part.search(one.full_name) for part in parts)
    ]
    return sorted(fitting, key=lambda one: fit(one, parts[-1]))


def exactly(typed: str, level: str = "", below: str = PROVINCE) -> Sequence[Node]:
    """What is meant where it is said in full, else all that fit."""
    fitting = found(typed, level, below)
    return [one for one in fitting if typed.strip() in (one.name, one.full_name)] or fitting


def code_of(typed: str, level: str = "", below: str = PROVINCE) -> str:
    """Code of the one place that is meant; what was typed where none or several fit."""
    fitting = exactly(typed, level, below)
    return fitting[0].code if len(fitting) == 1 else typed


def fit(node: Node, part: re.Pattern[str]) -> Fit:
    """Sort key: its own name begins so, its own name has it, higher places first."""
    at = part.search(node.name)
    return at is None or at.start() > 0, at is None, node.path.count("/"), node.code


@lru_cache(maxsize=256)
def candidates(level: str, below: str) -> Sequence[Node]:
    """Places under one, that one with them; none for a code that is no place."""
    node = hainan().find(below)
    every = under(node) if node else ()
    return tuple(one for one in every if level != COMMUNITY or one.level is Level.COMMUNITY)


def under(node: Node) -> Iterator[Node]:
    """A place and all below it, in the order of the codes."""
    yield node
    for one in hainan().children(node.code):
        yield from under(one)


def pattern(part: str) -> re.Pattern[str]:
    """What fits a part of a name as it is typed."""
    return re.compile("".join(f"[{one}{initials()[one]}]" if one in initials() else re.escape(one) for one in part.lower()))  # fmt: skip


@cache
def initials() -> Mapping[str, str]:
    """Characters of names by the letter their pinyin begins with."""
    return {row["letter"]: row["characters"] for row in rows("place_initials.csv")}
