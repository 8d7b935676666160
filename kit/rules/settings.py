"""What a key means, and a value set for it."""

from dataclasses import dataclass
from datetime import date

NATION = "/"
"""Region path of values that hold for the whole country."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A row of the table: what a key means, its type, default and lowest level that may set it."""

    key: str
    meaning: str
    type: str
    value: str
    unit: str
    level: str
    basis: str


@dataclass(frozen=True)
class Setting:
    """A value for a region and all below it, from a day on, with its basis document."""

    key: str
    region_path: str
    value: str
    effective_from: date
    basis: str
    lowered_class: str = ""
    """Class of activity the value is for (T3.1); empty for all."""
