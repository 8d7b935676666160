"""Sentences of the contract with their subjects: `至少填写 5 个字。` says of which field."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from kit.errors import Refusal, Violation

OF_CONTRACT = "api.invalid"
"""Code of a refusal whose sentences are predicates and want their subject."""
NO_LABELS: Mapping[str, str] = MappingProxyType({})
CHOSEN, COUNTED = "enum", "repeated"
"""Kinds of rules whose fields are chosen, not typed; and are counted."""


def named(
    refusal: Refusal, labels: Mapping[str, str], typed: Mapping[str, str]
) -> Sequence[Violation]:
    """The violations as people read them at the form; others than the contract's say it all."""
    if refusal.code != OF_CONTRACT:
        return refusal.violations
    return tuple(_named(one, labels, typed) for one in refusal.violations)


def _named(one: Violation, labels: Mapping[str, str], typed: Mapping[str, str]) -> Violation:
    label, kind = labels.get(one.field), one.rule.partition(".")[0]
    if label is None:
        return one
    if typed.get(one.field, "").strip() or kind == COUNTED:
        return Violation(one.field, one.rule, f"{label}{one.message}")
    return Violation(one.field, one.rule, f"{'请选择' if kind == CHOSEN else '请填写'}{label}。")
