"""The contract and the rules against the domain's own tables: who may do what, which materials, which facts."""

import csv
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from kit.contracts import rpcs
from proto.gen.minzheng.common.v1.access_pb import PersonalFields, Relation, Role
from services.filing.domain import facts
from services.filing.domain.case import State
from services.filing.domain.facts import Head
from services.filing.domain.requirements import FROM_FORM, OFFICIAL, TITLES, UPLOADED

DATA = Path(__file__).parent / "data"
ACTIONS = {rpc.access.action for rpc in rpcs() if rpc.workload == "filing"}
Row = tuple[str, str, frozenset[str], str]


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def states_of(text: str) -> frozenset[str]:
    """States of a cell; empty for every state."""
    if text in ("", "any"):
        return frozenset()
    if text.startswith("any but "):
        return frozenset({f"!{text.removeprefix('any but ')}"})
    return frozenset(text.split())


ROWS = [*table("access_filing.csv"), *table("access_filing_more.csv")]
"""The domain's table, and the actions that the desk needs beyond it (docs/decisions)."""


def expected(action: str) -> set[Row]:
    return {
        (row["role"], row["relation"], states_of(row["states"]), row["personal_fields"])
        for row in ROWS
        if row["action"] == action
    }


def stated(action: str) -> Iterator[set[Row]]:
    """Rows of every RPC of an action."""
    for rpc in rpcs():
        if rpc.workload == "filing" and rpc.access.action == action:
            yield {
                (
                    Role(role).name,
                    Relation(row.relation).name.lower(),
                    frozenset(row.states),
                    PersonalFields(row.personal_fields).name.lower(),
                )
                for row in rpc.access.rows
                for role in row.roles
            }


@pytest.mark.parametrize("action", sorted(ACTIONS - {"read_rules", "verify_document"}))
def test_the_contract_allows_what_the_table_allows(action: str) -> None:
    for rows in stated(action):
        assert rows == expected(action)


def test_rules_are_for_everybody() -> None:
    for rows in stated("read_rules"):
        assert expected("read_rules") <= rows
        assert {row[0] for row in rows} == {"ANONYMOUS", "RESIDENT"}, (
            "a signed-in person is no stranger"
        )


def test_everybody_signed_in_or_not_may_check_a_document() -> None:
    for rows in stated("verify_document"):
        assert expected("verify_document") <= rows
        assert {row[1:] for row in rows} == {("any", frozenset(), "none")}
        beyond = {"UNSPECIFIED", "SYSTEM"}
        assert {row[0] for row in rows} == {role.name for role in Role} - beyond


def test_every_action_of_the_table_is_offered_or_named() -> None:
    other = {"read_public_organization", "read_feed", "read_messages"}
    assert {row["action"] for row in ROWS} - other == ACTIONS


def test_every_state_named_exists() -> None:
    for rpc in rpcs():
        if rpc.workload == "filing":
            for row in rpc.access.rows:
                known = {state.name for state in State} | {"GRADUATED"}
                assert {name.lstrip("!") for name in row.states} <= known


def test_the_materials_are_those_of_the_table() -> None:
    rows = {
        row["code"]: row for row in table("materials.csv") if row["procedure"] == "filing create"
    }
    assert set(TITLES) == set(rows)
    mandatory = {code for code, row in rows.items() if row["mandatory"] == "Y"}
    assert mandatory == {*UPLOADED, *FROM_FORM}
    assert rows[OFFICIAL]["check"] == "is_official"


def test_the_facts_are_those_of_the_table() -> None:
    machine = [row for row in table("state_machines.csv") if row["machine"].startswith("SM-01")]
    known = {
        kind.__name__
        for kind in vars(facts).values()
        if isinstance(kind, type) and issubclass(kind, Head)
    }
    beyond = {
        "FilingGuided", "FilingOpinionRecorded", "FilingReminded", "FilingObjectionRaised",
        "FilingObjectionAnswered", "FilingRenewalApplied",
    }  # fmt: skip
    later = {"OrganizationGraduated"}
    assert {row["event"] for row in machine} - {"—"} - later == known - {"Head"} - beyond
    assert all(fields(Head))
