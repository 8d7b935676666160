"""A personal field without mask, retention and audit rule fails the build; the mask named is the one applied."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import LargeBinary

import kit.tables
from kit import data, masks
from kit.cli.operator import names, service_of
from kit.contracts import files, rpcs
from kit.rotation import REQUESTS
from proto.gen.minzheng.common.v1.access_pb import PersonalClass, PersonalFields, ext_personal
from services.filing.domain.case import Member, Persons, Principal
from services.filing.rpc import view
from tests.filing.builders import drafted
from tests.house.test_tables import declared, modules

HOLDS_NOBODY = {
    "kit.audit": {"mac"},
    "kit.audit_chain": {"digest", "link"},
    "kit.request": {"digest"},
    "kit.outbox": {"payload"},
    "kit.kept_fact": {"payload"},
    "kit.waiting": {"value"},
    "kit.parked": {"value"},
    "public.feed": {"state"},
    "public.organization_state": {"state"},
    "public.session": {"digest"},
}
"""Binary columns that are no cells: keyed digests, and facts, which carry public fields only."""
RULES = {row["field"]: row for row in data.rows("personal_fields.csv")}
CLEAR = Principal("欧阳小梅", "负责人", "469900199001010023", "12000001234")


def personal() -> Iterator[tuple[str, str]]:
    """(full name, class) of every field the contracts mark."""
    for file in files():
        for message in file.messages:
            for field in message.fields:
                options = field.proto.options
                if options is not None and ext_personal in options:
                    found = PersonalClass(options[ext_personal]).name
                    yield f"{message.type_name}.{field.name}", found


def test_every_personal_field_has_its_three_rules() -> None:
    assert {name: RULES[name]["class"] for name in RULES} == dict(personal())
    for name, row in RULES.items():
        assert all(row[rule] for rule in ("mask", "retention", "audit")), name


def masked(who: Principal, member: Member) -> tuple[Any, Any]:
    case = drafted(persons=Persons((who,), (member,)))
    form = view.form(case, PersonalFields.MASKED)
    return form.principals[0], form.members[0]


@pytest.mark.parametrize("name", [name for name in RULES if ".Principal." in name])
def test_the_mask_named_is_the_one_applied(name: str) -> None:
    field = name.rpartition(".")[2]
    shown, _ = masked(CLEAR, Member("王海", False, "460106004002"))
    clear = getattr(CLEAR, field)
    assert getattr(shown, field) == getattr(masks, RULES[name]["mask"])(clear) != clear


def test_members_are_masked_and_units_are_not() -> None:
    _, shown = masked(CLEAR, Member("王海", False, "460106004002"))
    assert (shown.name, shown.home_community) == (masks.mask_name("王海"), "")
    _, unit = masked(CLEAR, Member("大同里物业公司", True))
    assert unit.name == "大同里物业公司"


def test_without_the_right_nobody_is_shown() -> None:
    form = view.form(drafted(), PersonalFields.NONE)
    assert list(form.principals) == list(form.members) == []


def test_no_personal_field_travels_in_an_address() -> None:
    """Path and query of a GET are logged by others: no message reachable there holds persons."""
    marked = {name.rpartition(".")[0] for name in RULES}
    for rpc in rpcs():
        if any(route.pattern and route.pattern.field == "get" for route in rpc.routes):
            for field in rpc.request.desc().fields:
                message = getattr(field.value, "message", None)
                assert message is None or message.type_name not in marked, rpc.id
                options = field.proto.options
                assert options is None or ext_personal not in options, rpc.id


@pytest.mark.parametrize("name", names())
def test_every_cell_is_declared_for_rotation(name: str) -> None:
    """A binary column is walked by the rotation of keys, or named above as one that holds nobody."""
    package = "gateway" if name == "gateway" else f"services.{name}"
    tables = declared([*modules(package), kit.tables])
    sealed = {_full(one.table): one for one in (REQUESTS, *service_of(name).sealed)}
    for table, built in tables.items():
        binary = {c.name for c in built.columns if isinstance(c.type, LargeBinary)}
        cells = set(sealed[table].cells) if table in sealed else set()
        assert binary == cells | HOLDS_NOBODY.get(table, set()), table
        if table in sealed:
            assert {c.name for c in built.primary_key} == set(sealed[table].key)
            assert set(sealed[table].index) <= {c.name for c in built.columns}
    assert set(sealed) <= set(tables)


def _full(table: str) -> str:
    return table if "." in table else f"public.{table}"
