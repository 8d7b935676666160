"""Violations as a form shows them: at its own controls, and with their subjects (`用途至少填写 5 个字。`)."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from gateway.portal.wording import about, worded
from kit.errors import Refusal, Violation

OF_CONTRACT = "api.invalid"
"""Code of a refusal whose sentences are predicates and want their subject."""
COMMON: Mapping[str, str] = MappingProxyType({"reason": "理由", "account": "账号"})
"""Labels of controls that many forms have."""
CAPITAL = re.compile("(?<=[a-z0-9])([A-Z])")
CHOSEN, COUNTED = "enum", "repeated"
"""Kinds of rules whose fields are chosen, not typed; and are counted."""


def named(
    refusal: Refusal, labels: Mapping[str, str], typed: Mapping[str, str]
) -> Sequence[Violation]:
    """The violations as people read them; the sentences of others than the contract say it all."""
    known = {**COMMON, **labels} if refusal.code == OF_CONTRACT else {}
    return tuple(_named(one, known, typed) for one in refusal.violations)


def control(path: str, typed: Mapping[str, str]) -> str:
    """The control a path means, as the form spells it: by the contract, or with underscores."""
    spelled = CAPITAL.sub(lambda found: f"_{found[1].lower()}", path)
    return next((key for key in (path, spelled, spelled.rpartition(".")[2]) if key in typed), path)


def _named(told: Violation, labels: Mapping[str, str], typed: Mapping[str, str]) -> Violation:
    one = Violation(control(told.field, typed), told.rule, told.message)
    label, kind = labels.get(one.field), one.rule.partition(".")[0]
    if label is None:
        return one
    if typed.get(one.field, "").strip() or kind == COUNTED:
        return Violation(one.field, one.rule, about(label, one.message))
    asked = f"{'请选择' if kind == CHOSEN else '请填写'}{label}。"
    return Violation(one.field, one.rule, worded(asked))
