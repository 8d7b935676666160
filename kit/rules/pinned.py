"""The rules a case is judged by, frozen with their basis and stored with it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from kit.rules.values import parse, text_of


@dataclass(frozen=True, slots=True)
class Resolved:
    """The value in force; `effective_from` None is the default of the table."""

    key: str
    value: Any
    basis: str
    region_path: str
    effective_from: date | None
    type: str
    lowered_class: str = ""
    """Class of activity the value is for; empty for all."""


class RuleSet(Mapping[str, Any]):
    """The values a case is judged by, frozen with their basis."""

    def __init__(self, resolved: Iterable[Resolved]) -> None:
        self._rules = {rule.key: rule for rule in sorted(resolved, key=lambda rule: rule.key)}

    def __getitem__(self, key: str) -> Any:
        return self._rules[key].value

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def basis(self, key: str) -> str:
        """Document the value rests on. Raises KeyError for a key that is not in the set."""
        return self._rules[key].basis

    @property
    def resolved(self) -> Iterable[Resolved]:
        """Each rule with its basis and where it comes from, by key."""
        return self._rules.values()

    @property
    def lowered_class(self) -> str:
        """The class whose lowered values are in the set; empty when only general ones are."""
        return max((rule.lowered_class for rule in self._rules.values()), default="")

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits over keys, values, basis and class: equal sets are the same rule version."""
        told = [
            [rule.key, text_of(rule.value), rule.basis, rule.lowered_class]
            for rule in self._rules.values()
        ]
        content = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @cached_property
    def as_json(self) -> str:
        """As JSON, as it is kept with a case; it needs no table to be read again."""
        return json.dumps([_row(rule) for rule in self._rules.values()], ensure_ascii=False)

    @classmethod
    def from_json(cls, stored: str) -> "RuleSet":
        """The set of `as_json`."""
        return cls(_resolved(row) for row in json.loads(stored))


def _row(rule: Resolved) -> dict[str, str | None]:
    since = rule.effective_from
    return {
        "key": rule.key,
        "value": text_of(rule.value),
        "type": rule.type,
        "basis": rule.basis,
        "region_path": rule.region_path,
        "effective_from": since.isoformat() if since else None,
        "lowered_class": rule.lowered_class,
    }


def _resolved(row: dict[str, str]) -> Resolved:
    since = date.fromisoformat(row["effective_from"]) if row["effective_from"] else None
    value = parse(row["type"], row["value"])
    return Resolved(
        row["key"], value, row["basis"], row["region_path"], since, row["type"],
        row.get("lowered_class", ""),
    )  # fmt: skip
