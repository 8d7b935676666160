"""Bounds: what the levels below a region may choose from, for as long as the bound holds.

A bound limits what is chosen below it, whatever the class of activity; where nobody below chose,
the value from above or the default stays. The newest bound of each region above counts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from kit.rules.settings import Setting

NUMBERS = ("int", "percent", "money_yuan")
"""Types a bound gives two ends for."""

Dated = TypeVar("Dated", bound=Any)
Span = tuple[Dated, date]


@dataclass(frozen=True)
class Bound:
    """From a day on: two ends for a number, else the texts to choose from."""

    key: str
    region_path: str
    lowest: int
    highest: int
    effective_from: date
    basis: str
    choices: tuple[str, ...] = ()

    def admits(self, value: str) -> bool:
        """The text of a value lies within. Raises ValueError for two ends and no number."""
        if self.choices:
            return value in self.choices
        return self.lowest <= int(value) <= self.highest

    def binds(self, path: str) -> bool:
        """The path lies below the bound's region; the region itself is not bound."""
        return path.startswith(self.region_path) and path != self.region_path


def binding(bounds: Iterable[Bound], path: str, on: date) -> list[Bound]:
    """The bounds that limit a choice at a path on a day, the farthest first."""
    held = _spans(bounds, lambda bound: bound.region_path)
    found = [bound for bound, end in held if bound.binds(path) and bound.effective_from <= on < end]
    return sorted(found, key=lambda bound: len(bound.region_path))


def outside(
    settings: Iterable[Setting], bounds: Iterable[Bound], today: date
) -> list[tuple[Setting, Bound]]:
    """Settings of one key that on some day from `today` on lie outside a bound above them."""
    held = list(_spans(bounds, lambda bound: bound.region_path))
    chosen = _spans(settings, lambda setting: (setting.region_path, setting.lowered_class))
    return [
        (setting, bound)
        for setting, end in chosen
        for bound, until in held
        if bound.binds(setting.region_path)
        and max(setting.effective_from, bound.effective_from, today) < min(end, until)
        and not bound.admits(setting.value)
    ]


def _spans(items: Iterable[Dated], group: Callable[[Dated], Any]) -> Iterator[Span[Dated]]:
    """Each item with the day on which the next of its group takes its place."""
    until: dict[Any, date] = {}
    for item in sorted(items, key=lambda one: one.effective_from, reverse=True):
        yield item, until.get(group(item), date.max)
        until[group(item)] = item.effective_from
