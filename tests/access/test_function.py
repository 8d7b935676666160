"""Every role x action x situation x state against the table; every cell of the contract flipped once."""

from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.access import Subject, decide
from kit.contracts import Rpc, rpcs
from kit.identity import Caller
from proto.gen.minzheng.common.v1.access_pb import Access, AccessRow, PersonalFields, Relation, Role
from tests.access.expected import (
    ACTIONS,
    ALLOWED,
    HIDDEN,
    NO_FUNCTION,
    PLACE,
    SITUATIONS,
    STATES,
    STREET,
    Situation,
    verdict,
)

RPCS = [rpc for rpc in rpcs() if rpc.workload == "filing"]
ROLES = [role for role in Role if role.name not in ("UNSPECIFIED", "SYSTEM")]
OWNER, ORGANIZATION = "applicant", "organization"


@cache
def caller(role: Role, where: Situation) -> Caller:
    """A caller in a situation."""
    return Caller(
        OWNER if where.applicant else "somebody",
        role,
        region_code=where.code,
        region_path=where.path,
        organization_id=ORGANIZATION if where.organization else "",
    )


@cache
def subject(state: str) -> Subject:
    """The case at 大同里."""
    return Subject(OWNER, "460106004000", STREET, PLACE, state, ORGANIZATION)


def told(access: Access, role: Role, where: Situation, state: str) -> tuple[str, str]:
    """What the policy function says, in the words of the table."""
    decision = decide(access, caller(role, where), subject(state))
    if decision.allowed:
        return ALLOWED, PersonalFields(decision.personal_fields).name.lower()
    return (NO_FUNCTION if decision.reason == "role" else HIDDEN), ""


def differences(
    action: str, access: Access, roles: Sequence[Role] = ROLES
) -> Iterator[tuple[object, ...]]:
    """Where the rows of an action say something else than the table, by the order of the roles."""
    for role in roles:
        for where in SITUATIONS:
            for state in STATES:
                expected = verdict(action, role.name, where, state)
                found = told(access, role, where, state)
                if found != expected:
                    yield role.name, where.name, state, expected, found


@pytest.mark.parametrize("rpc", RPCS, ids=lambda rpc: rpc.name)
def test_the_contract_decides_as_the_table(rpc: Rpc) -> None:
    assert rpc.access.action in ACTIONS
    assert list(differences(rpc.access.action, rpc.access)) == []


def flips(access: Access) -> Iterator[tuple[Access, Sequence[Role]]]:
    """Every cell of the rows changed once, and the roles, those first whom it should concern."""
    for at, row in enumerate(access.rows):
        for role in ROLES:
            has = role in row.roles
            roles = [r for r in row.roles if r != role] if has else [*row.roles, role]
            yield changed(access, at, roles=roles), first([role])
        for relation in Relation:
            if relation != row.relation:
                yield changed(access, at, relation=relation), first(row.roles)
        for state in STATES:
            states = toggled(list(row.states), state)
            yield changed(access, at, states=states), first(row.roles)
        for shown in PersonalFields:
            if shown != row.personal_fields:
                yield changed(access, at, personal_fields=shown), first(row.roles)


def first(roles: Sequence[Role]) -> Sequence[Role]:
    """All roles, these first."""
    return sorted(ROLES, key=lambda role: role not in roles)


def toggled(states: list[str], state: str) -> list[str]:
    """The states with one taken in or out."""
    if any(name.startswith("!") for name in states):
        mark = f"!{state}"
        left = [name for name in states if name != mark]
        return left if mark in states else [*states, mark]
    if not states:
        return [f"!{state}"]
    return [s for s in states if s != state] or ["NONE"] if state in states else [*states, state]


def changed(access: Access, at: int, **cell: object) -> Access:
    """A copy with one row changed."""
    copies = [AccessRow.from_binary(row.to_binary()) for row in access.rows]
    for name, value in cell.items():
        setattr(copies[at], name, value)
    return Access(action=access.action, fresh=access.fresh, rows=copies)


def same_rights(access: Access, other: Access) -> bool:
    """The change is none: what one row loses, another of them gives."""
    return all(
        told(access, role, where, state) == told(other, role, where, state)
        for role in ROLES
        for where in SITUATIONS
        for state in STATES
    )


def test_every_flipped_cell_is_noticed() -> None:
    flipped = unnoticed = 0
    seen: set[str] = set()
    for rpc in RPCS:
        if rpc.access.action in seen:
            continue
        seen.add(rpc.access.action)
        for copy, roles in flips(rpc.access):
            flipped += 1
            noticed = next(differences(rpc.access.action, copy, roles), None) is not None
            unnoticed += not noticed and not same_rights(rpc.access, copy)
    assert flipped > 1000
    assert unnoticed == 0


def test_what_asks_for_a_token_of_its_own_does_so() -> None:
    fresh = {rpc.access.action for rpc in RPCS if rpc.access.fresh}
    assert fresh == {
        "decide", "reveal_personal", "set_rule", "export_cases", "download_export",
    }  # fmt: skip


@given(
    codes=st.lists(st.integers(1, 9), min_size=1, max_size=7),
    up=st.integers(0, 7),
    role=st.sampled_from(ROLES),
    state=st.sampled_from(STATES),
)
def test_a_wider_scope_never_loses_a_right(
    codes: list[int], up: int, role: Role, state: str
) -> None:
    """On any irregular tree: what a post below may, the same post above may, where it counts downward."""
    path = "/" + "".join(f"{'0' * n}{code}/" for n, code in enumerate(codes))
    parts = path.strip("/").split("/")
    wider = "/" + "/".join(parts[: max(1, len(parts) - up)]) + "/"
    what = Subject("o", parts[-1], path, "c", state, "g")
    for rpc in RPCS:
        below = [row for row in rpc.access.rows if row.relation is Relation.BELOW]
        rows = Access(action=rpc.access.action, rows=below)
        near = Caller("x", role, region_code=parts[-1], region_path=path)
        far = Caller("x", role, region_code="r", region_path=wider)
        none = Caller("x", role)
        if decide(rows, near, what).allowed:
            assert decide(rows, far, what).allowed
        assert not decide(rows, none, what).allowed
