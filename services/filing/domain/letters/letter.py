"""A letter: asked for by the step of a case, printed later, valid until another takes its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """Forms of specification §9.4; names as in the contract."""

    BA01 = "社区社会组织备案申请表"
    BA02 = "承诺书"
    BA03 = "收件凭证"
    BA04 = "一次性补正告知书"
    BA05 = "准予备案通知书"
    BA06 = "不予备案通知书"

    @property
    def form(self) -> str:
        """As it is written: BA-05."""
        return f"{self.name[:2]}-{self.name[2:]}"


class Standing(Enum):
    """How a letter stands; names as in the contract."""

    VALID = "有效"
    REPLACED = "已被替换"
    WITHDRAWN = "已撤销"
    EXPIRED = "已到期"


Told = Mapping[str, Any]
"""What a letter says of its case: plain data, kept with the letter, so that it prints the same again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that a step asks for."""

    kind: Kind
    told: Told
    number: str
    """Its number, or what stands before the serial where `counter` is drawn from."""
    counter: str = ""
    """Counter of the gap-free serial; a letter given again keeps its number."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Letters of a case that stand no longer."""

    kinds: tuple[Kind, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Marks:
    """What is printed on a letter beside what it says."""

    number: str
    code: str
    check: str
    """Address of the page that checks the code."""
    form: str
