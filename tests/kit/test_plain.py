"""The same dictionaries as the standard library's, for everything a domain's dataclass may hold."""

import dataclasses
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

import pytest

from kit.plain import asdict
from tests.filing.builders import form, persons


class Color(Enum):
    """A value that is no dataclass."""

    RED = 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """With slots."""

    on: date
    color: Color = Color.RED


@dataclass
class Tree:
    """Without slots, with every kind of container."""

    leaves: tuple[Leaf, ...] = (Leaf(date(2026, 3, 2)),)
    named: dict[str, Leaf] = field(default_factory=lambda: {"one": Leaf(date(2026, 3, 3))})
    lists: list[list[Leaf]] = field(default_factory=lambda: [[Leaf(date(2026, 3, 4))], []])
    number: float = 0.5
    cell: bytes = b"\0"
    nothing: None = None


@pytest.mark.parametrize("value", [form(), persons(), Tree(), Leaf(date(2026, 3, 5))])
def test_it_is_what_the_standard_library_gives(value: Any) -> None:
    found = asdict(value)
    assert found == dataclasses.asdict(value)
    assert repr(found) == repr(dataclasses.asdict(value))


def test_containers_are_new_so_that_a_change_stays_outside() -> None:
    tree = Tree()
    asdict(tree)["lists"][0].clear()
    asdict(tree)["named"].clear()
    assert tree == Tree()
