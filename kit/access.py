"""The policy table as a pure function: default deny, a missing scope is a denial.

The rows come from the contracts (`minzheng.common.v1.access`); from the same rows come the
decision with its reason, the filter of a list and, with `Caller.scope`, row-level security.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kit.errors import Refusal, forbidden, not_found
from kit.identity import Caller
from kit.regions import Level, hainan
from proto.gen.minzheng.common.v1.access_pb import Access, AccessRow, PersonalFields, Relation, Role


@dataclass(frozen=True, slots=True)
class Subject:
    """What the table needs to know of an object: whose it is, where it lies, its state."""

    owner: str
    authority_code: str
    authority_path: str
    community_code: str
    state: str
    organization_id: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed or not, why, and which personal fields are shown."""

    allowed: bool
    reason: str
    personal_fields: PersonalFields = PersonalFields.UNSPECIFIED


OWNERS = (Role.ORG_OWNER, Role.ORG_STAFF)


def may_call(access: Access, role: Role) -> bool:
    """The role has some row for the action: otherwise it lacks the function (403)."""
    return any(role in row.roles for row in access.rows)


def relates(row: AccessRow, who: Caller, what: Subject) -> bool:
    """The caller's post stands to the object as the row asks; an empty scope never does."""
    match row.relation:
        case Relation.ANY:
            return True
        case Relation.SELF if who.role in OWNERS:
            return who.organization_id != "" and who.organization_id == what.organization_id
        case Relation.SELF:
            return who.subject != "" and who.subject == what.owner
        case Relation.AUTHORITY:
            return who.region_code != "" and who.region_code == what.authority_code
        case Relation.COMMUNITY:
            return who.region_code != "" and who.region_code == what.community_code
        case Relation.BELOW:
            return who.region_path.startswith("/") and what.authority_path.startswith(
                who.region_path
            )
        case _:
            return False


def in_state(row: AccessRow, state: str) -> bool:
    """The row holds in this state; `!X` excludes X, an empty list is every state."""
    if not row.states:
        return True
    excluded = {name[1:] for name in row.states if name.startswith("!")}
    return state not in excluded if excluded else state in row.states


def decide(access: Access, who: Caller, what: Subject) -> Decision:
    """Allow or deny with a reason; pure."""
    rows = [row for row in access.rows if who.role in row.roles]
    if not rows:
        return Decision(False, "role")
    related = [row for row in rows if relates(row, who, what)]
    if not related:
        return Decision(False, "relation")
    for row in related:
        if in_state(row, what.state):
            return Decision(True, "row", row.personal_fields)
    return Decision(False, "state")


def require(access: Access, who: Caller, what: Subject) -> PersonalFields:
    """The personal fields shown, or a Refusal: 403 without the function, else 404 as if absent."""
    decision = decide(access, who, what)
    if not decision.allowed:
        raise no_function(access) if decision.reason == "role" else not_found()
    return decision.personal_fields


def no_function(access: Access) -> Refusal:
    """The caller's role has no row for the action."""
    return forbidden("common.no_function", "您当前的岗位没有办理该事项的权限。")


COLUMNS: Mapping[Level, str] = {
    Level.PROVINCE: "province",
    Level.CITY: "city",
    Level.COUNTY: "county",
    Level.TOWNSHIP: "authority",
    Level.COMMUNITY: "community",
}
"""Ancestor columns that every listed table carries."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Condition of a list: one column equal to one value, in some states. `column` None shows nothing."""

    column: str | None
    value: str = ""
    states: tuple[str, ...] = ()
    not_states: tuple[str, ...] = ()


NOTHING = Filter(None)


def list_filter(access: Access, who: Caller) -> Filter:
    """The filter of a list for this caller: the states of all rows of one relation together.

    No row or scope shows nothing; of a role that stands in several relations the first one counts.
    """
    rows = [row for row in access.rows if who.role in row.roles]
    column, value = _column(rows[0], who) if rows else (None, "")
    if column is None or not value:
        return NOTHING
    alike = [row.states for row in rows if row.relation == rows[0].relation]
    states = [name for names in alike for name in names] if all(alike) else []
    return Filter(
        column,
        value,
        tuple(name for name in states if not name.startswith("!")),
        tuple(name[1:] for name in states if name.startswith("!")),
    )


def _column(row: AccessRow, who: Caller) -> tuple[str | None, str]:
    match row.relation:
        case Relation.SELF if who.role in OWNERS:
            return "organization_id", who.organization_id
        case Relation.SELF:
            return "owner", who.subject
        case Relation.AUTHORITY:
            return "authority", who.region_code
        case Relation.COMMUNITY:
            return "community", who.region_code
        case Relation.BELOW:
            node = hainan().find(who.region_code)
            # No authority lies under a community: a post there reaches nothing by this relation.
            above = node is not None and node.level is not Level.COMMUNITY
            return (COLUMNS[node.level], node.code) if node and above else (None, "")
        case _:
            return None, ""
