"""docs/access.md: the one policy table, printed from the contracts.

python -m tests.house.access_page      # writes docs/access.md
"""

from collections.abc import Iterator

from kit.contracts import Rpc, comments, rpcs
from proto.gen.minzheng.common.v1.access_pb import PersonalFields, Relation, Role
from tests.house.policy import ROOT

DOCUMENT = ROOT / "docs/access.md"
HEAD = """# Who may do what

Printed from the contracts by `make pages`. What no row allows is denied: a role without a row gets 403, an object out of reach or in another state answers like one that does not exist (404). Conditions of a case (two persons, limits, completeness) are decided by its rules and answer 409 or 422.

| RPC | 用途 | role | relation | states | personal fields | fresh | step-up |
|---|---|---|---|---|---|---|---|
"""


def lines(rpc: Rpc) -> Iterator[str]:
    """A line per row of the rule."""
    for row in rpc.access.rows:
        roles = "、".join(_named("Role", Role, role) for role in row.roles)
        states = " ".join(row.states).replace("!", "not ") or "any"
        shown = PersonalFields(row.personal_fields).name.lower()
        fresh = "yes" if rpc.access.fresh else ""
        step_up = "yes" if rpc.access.step_up else ""
        relation = Relation(row.relation).name.lower()
        yield f"| `{rpc.service.removesuffix('Service')}.{rpc.name}` | {rpc.summary} | {roles} | {relation} | {states} | {shown} | {fresh} | {step_up} |"


def _named(enum: str, kind: type[Role], value: int) -> str:
    name = kind(value).name
    return comments().get(f"minzheng.common.v1.{enum}.{enum.upper()}_{name}", name)


def document() -> str:
    """The whole page."""
    return HEAD + "\n".join(line for rpc in rpcs() for line in lines(rpc)) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
