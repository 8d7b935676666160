"""SQL written with names (`:name`), sent with positions (`$1`): compiled once per text."""

import re
from collections.abc import Mapping
from functools import lru_cache

NOW = "SELECT clock_timestamp() + make_interval(days => shift_days) FROM kit.clock"
"""Time of the database, moved with the business clock: what schedules run on."""
MOMENT = "clock_timestamp() AS now, (SELECT shift_days FROM kit.clock) AS shift_days"
"""Columns of a read from which `kit.calendar.Moment` is made."""
IN_SCOPE = "(SELECT set_config('minzheng.scope', :scope, true)) IS NOT NULL"
"""Sets the scope of row security before any row is looked at: a one-time filter of the statement."""
_NAME = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


@lru_cache(maxsize=1024)
def positions(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with `$n` in place of names, and the names in order of position."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        name = match[1]
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _NAME.sub(number, text), tuple(names)


def bind(text: str, values: Mapping[str, object]) -> tuple[str, list[object]]:
    """Text and arguments for the driver. KeyError names a value that is missing."""
    rendered, names = positions(text)
    return rendered, [values[name] for name in names]
