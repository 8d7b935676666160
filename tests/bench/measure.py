"""Goals, rounds and what came out: medians of ratios, with their spread."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio to reach: at least (`more`) or at most."""

    id: str
    title: str
    first: float
    then: float
    more: bool
    unit: str = "x"


@dataclass(frozen=True, slots=True)
class Figure:
    """A goal measured: the median of the rounds, the least and the greatest of them."""

    goal: Goal
    values: tuple[float, ...]
    note: str = ""

    @property
    def value(self) -> float:
        """The median."""
        return median(self.values)

    @property
    def verdict(self) -> str:
        """How far it came."""
        if self._meets(self.goal.then):
            return "reached (then)"
        return "reached (first)" if self._meets(self.goal.first) else "MISSED"

    def _meets(self, bound: float) -> bool:
        return self.value >= bound if self.goal.more else self.value <= bound

    def record(self) -> dict[str, Any]:
        """As JSON."""
        told = {"value": self.value, "verdict": self.verdict, "values": list(self.values)}
        return asdict(self.goal) | told | {"note": self.note}


@dataclass
class Table:
    """Raw figures of the rounds, by name."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def note(self, name: str, **figures: Any) -> None:
        """Keep one round's figures."""
        self.rows.setdefault(name, []).append(figures)
        told = ", ".join(f"{key} {_short(value)}" for key, value in figures.items())
        print(f"  {name}: {told}", flush=True)

    def of(self, name: str, key: str) -> list[float]:
        """One figure over the rounds."""
        return [row[key] for row in self.rows[name]]

    def ratios(self, over: str, under: str, key: str) -> tuple[float, ...]:
        """Round by round, so that what slows both cancels out."""
        pairs = zip(self.of(over, key), self.of(under, key), strict=True)
        return tuple(a / b for a, b in pairs)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if value < 100 else f"{value:.0f}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} {_short(v)}" for k, v in value.items()) + "}"
    return str(value)


def p95(values: Sequence[float]) -> float:
    """The 95th percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
