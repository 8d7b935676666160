"""Definitions and settings: which value holds at a place on a day."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from kit import data
from kit.errors import Refusal, invalid
from kit.regions import Level, Node, hainan
from kit.rules.bounds import Bound
from kit.rules.pinned import Resolved, RuleSet
from kit.rules.settings import NATION, Definition, Setting
from kit.rules.values import parse

PINNED = 64
"""Sets that are kept: a day has one for each class in each region with rules of its own."""


class RuleBook:
    """All definitions and settings.

    Raises Refusal for a setting with an unknown key or region, a bad value, no basis (P PH1.1),
    set below its level, or twice for one region and day.
    """

    def __init__(
        self,
        definitions: Iterable[Definition],
        settings: Iterable[Setting] = (),
        bounds: Iterable[Bound] = (),
    ) -> None:
        self._definitions = {definition.key: definition for definition in definitions}
        self._defaults = {key: parse(row.type, row.value) for key, row in self._definitions.items()}
        self._settings: dict[str, dict[tuple[str, str, date], Setting]] = {}
        self._held: dict[tuple[str, str], list[Setting]] = {}
        for setting in settings:
            self._add(setting)
        self._bounds: dict[str, list[Bound]] = {}
        for bound in bounds:
            self._bounds.setdefault(bound.key, []).append(bound)
        self._regions = {region for _, region in self._held} - {NATION}
        self._pinned = lru_cache(PINNED)(self._pin)

    @classmethod
    def default(cls, settings: Iterable[Setting] = (), bounds: Iterable[Bound] = ()) -> "RuleBook":
        """The table of the platform, with these settings and bounds on top."""
        return cls((Definition(**row) for row in data.rows("rule_defaults.csv")), settings, bounds)

    @property
    def keys(self) -> Iterable[str]:
        """Every key of the table."""
        return self._definitions

    def definition(self, key: str) -> Definition:
        """What a key means; Refusal for a key nobody knows."""
        if key not in self._definitions:
            raise _unknown(key)
        return self._definitions[key]

    def settings(self, key: str) -> Iterable[Setting]:
        """Every value set for a key."""
        return self._settings.get(key, {}).values()

    def bounds(self, key: str) -> Iterable[Bound]:
        """Every bound of a key."""
        return self._bounds.get(key, ())

    def resolve(self, key: str, path: str, on: date, lowered_class: str = "") -> Resolved:
        """The value at a region path on a day for a class of activity.

        The nearest region wins; there a value of the class before the general one, even a newer
        one; then the newest date; else the default.

        Raises KeyError for a key without definition, ValueError for a path that is none.
        """
        _expect_path(path)
        definition = self._definitions[key]
        best = self._best(key, path, on, lowered_class)
        if best is None:
            value = self._defaults[key]
            return Resolved(key, value, definition.basis, _root(path), None, definition.type)
        value = parse(definition.type, best.value)
        return Resolved(
            key, value, best.basis, best.region_path, best.effective_from, definition.type,
            best.lowered_class,
        )  # fmt: skip

    def _best(self, key: str, path: str, on: date, lowered_class: str) -> Setting | None:
        for region in _upwards(path):
            held = [
                setting
                for setting in self._held.get((key, region), ())
                if setting.effective_from <= on and setting.lowered_class in ("", lowered_class)
            ]
            if held:
                return max(held, key=_rank)
        return None

    def pin(self, keys: Iterable[str], path: str, on: date, lowered_class: str = "") -> RuleSet:
        """The set a case received that day is judged by, made once. Raises as `resolve`."""
        _expect_path(path)
        # Below the nearest region with values of its own all places have the same set.
        region = next((found for found in _upwards(path) if found in self._regions), _root(path))
        return self._pinned(tuple(keys), region, on, lowered_class)

    def _pin(self, keys: Iterable[str], path: str, on: date, lowered_class: str) -> RuleSet:
        return RuleSet(self.resolve(key, path, on, lowered_class) for key in keys)

    def _add(self, setting: Setting) -> None:
        definition = self._definitions.get(setting.key)
        if definition is None:
            raise _unknown(setting.key)
        check(definition, setting)
        same_key = self._settings.setdefault(setting.key, {})
        at = (setting.region_path, setting.lowered_class, setting.effective_from)
        if at in same_key:
            raise invalid(
                "rule.duplicate", f"规则“{setting.key}”在同一地区、同一施行日期只能设定一个值。"
            )
        same_key[at] = setting
        self._held.setdefault((setting.key, setting.region_path), []).append(setting)


def _unknown(key: str) -> Refusal:
    return invalid("rule.unknown_key", f"没有“{key}”这项规则。")


def _expect_path(path: str) -> None:
    if not re.fullmatch("/([0-9]+/)+", path):
        raise ValueError(f"not a region path: {path!r}")


def _root(path: str) -> str:
    """The province of a path."""
    return "/".join(path.split("/")[:2]) + "/"


def _upwards(path: str) -> Iterator[str]:
    """The path and those above it, up to the nation."""
    parts = path.rstrip("/").split("/")
    return ("/".join(parts[:n]) + "/" for n in range(len(parts), 0, -1))


def _rank(setting: Setting) -> tuple[bool, date]:
    return setting.lowered_class != "", setting.effective_from


def check(definition: Definition, setting: Setting) -> None:
    """Refuse a setting without basis, of a bad value, or set where the level may not."""
    if not setting.basis.strip():
        raise invalid("rule.no_basis", f"规则“{setting.key}”缺少依据文件，不能保存。")
    try:
        value = parse(definition.type, setting.value)
    except ValueError as error:
        raise _bad_value(definition, setting) from error
    if definition.type == "enum_list" and not set(value) <= codes_of(definition):
        raise _bad_value(definition, setting)
    if setting.region_path != NATION and not _may_set(definition.level, _region(setting)):
        raise invalid(
            "rule.level", f"规则“{setting.key}”只能由{_LEVEL_NAMES[definition.level]}设定。"
        )


def codes_of(definition: Definition) -> set[str]:
    """Codes of the dictionary the meaning names; without one nothing may be listed."""
    named = re.search("dictionary ([A-Z_]+)", definition.meaning)
    return set(data.dictionary(named[1])) if named else set()


def _bad_value(definition: Definition, setting: Setting) -> Refusal:
    return invalid(
        "rule.bad_value",
        f"规则“{setting.key}”的值“{setting.value}”不符合类型要求（{definition.type}）。",
    )


_LEVEL_NAMES = {
    "national": "国家",
    "province": "省级",
    "city": "省级或市级",
    "county": "省级、市级或县级",
}


def _region(setting: Setting) -> Node:
    node = hainan().find(setting.region_path.rstrip("/").rpartition("/")[2])
    if node is None or node.path != setting.region_path or node.placeholder:
        raise invalid("rule.unknown_region", f"规则“{setting.key}”的适用地区不存在。")
    return node


def _may_set(lowest: str, node: Node) -> bool:
    """Counties directly under the province have the functions of a city."""
    if lowest == "county":
        return node.level in (Level.PROVINCE, Level.CITY, Level.COUNTY)
    if lowest == "city":
        return len(hainan().ancestors(node)) <= 2
    return lowest == "province" and node.level is Level.PROVINCE
