"""What the contract says of a field, as a form needs it: read from `buf.validate`, never written twice."""

import re
from dataclasses import dataclass
from typing import Any

from protobuf import DescEnum, DescField

from gateway.openapi.schemas import items_of, rules_of, stated_of
from gateway.transcoding.fields import element_of
from kit.contracts import comments
from proto.gen.buf.validate.validate_pb import FieldRules


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits of a field; lengths in characters. `choices`: value → Chinese word, where only some values are open."""

    required: bool = False
    max_length: int | None = None
    lowest: int | None = None
    highest: int | None = None
    most: int | None = None
    """Items at most."""
    choices: tuple[tuple[str, str], ...] = ()


def rules_for(field: DescField) -> Rules:
    """The limits the contract states for a field."""
    rules = rules_of(field)
    stated, items = told(rules), told(items_of(rules))
    element = element_of(field)
    limits = items if "most" in ends(stated) else stated
    choices = open_values(element, limits) if isinstance(element, DescEnum) else ()
    required = (rules is not None and bool(rules.required)) or demands(stated)
    return Rules(required, stated.get("max_len"), **ends(stated), choices=choices)


def told(rules: FieldRules | None) -> dict[str, Any]:
    """Rules that are set, by name."""
    if rules is None or rules.type is None:
        return {}
    return dict(stated_of(rules.type.value))


def ends(stated: dict[str, Any]) -> dict[str, Any]:
    """Ends of numbers and of counts."""
    named = {"lowest": "gte", "highest": "lte", "most": "max_items"}
    return {name: stated[rule] for name, rule in named.items() if rule in stated}


def demands(stated: dict[str, Any]) -> bool:
    """An empty field breaks one of these rules."""
    some = any(stated.get(rule, 0) >= 1 for rule in ("min_len", "len", "min_items"))
    form = "pattern" in stated and not re.search(stated["pattern"], "")
    zero = 0 in stated.get("not_in", ()) or ("in" in stated and 0 not in stated["in"])
    return some or form or zero or bool(stated.get("uuid")) or stated.get("gte", 0) >= 1


def open_values(enum: DescEnum, stated: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Values that may be chosen with their Chinese words; zero says that nothing is stated."""
    only = set(stated.get("in", ())) or {value.number for value in enum.values}
    shut = {0, *stated.get("not_in", ())}
    return tuple(
        (value.local_name, comments().get(f"{enum.type_name}.{value.name}", value.local_name))
        for value in enum.values
        if value.number in only - shut
    )
