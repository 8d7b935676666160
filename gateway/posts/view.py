"""Posts as messages."""

from datetime import date

from gateway.posts.domain import Asked, Post
from gateway.posts.imports import Fault, PostImport
from gateway.posts.persons import Holder
from kit.contracts import comments
from kit.errors import invalid
from kit.places import region
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.posts.v1 import posts_pb as pb


def post(found: Post, today: date) -> pb.Post:
    """A post as it stands on a day."""
    return pb.Post(
        post_id=found.post_id,
        account=found.account,
        role=Role[found.role],
        region=region(found.region_code),
        valid_from=found.valid_from.isoformat(),
        valid_to=found.valid_to.isoformat() if found.valid_to else "",
        organization_id=found.organization_id,
        role_name=role_name(found.role),
        in_force=found.in_force(today),
        state=pb.PostState[found.state],
        granted_by=found.granted_by,
        confirmed_by=found.confirmed_by,
        delegated_from=found.delegated_from,
        delegator=found.delegator,
        import_id=found.import_id,
        reason=found.reason,
    )


def role_name(role: str) -> str:
    """Chinese name of a role, from the contract."""
    return comments().get(f"minzheng.common.v1.Role.ROLE_{role}", role)


def asked(request: pb.GrantPostRequest, holder: Holder) -> Asked:
    """What a grant asks for; Refusal 422 for a day that is none."""
    return Asked(
        post_id=request.post_id,
        role=Role(request.role).name,
        region_code=request.region_code,
        valid_from=day(request.valid_from),
        valid_to=day(request.valid_to),
        holder=holder,
    )


def day(text: str) -> date | None:
    """A day, None for an empty text."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise invalid("posts.dates", "日期应为有效的年-月-日，例如 2026-03-01。") from error


def post_import(found: PostImport) -> pb.PostImport:
    """An import with its counts."""
    return pb.PostImport(
        import_id=found.import_id,
        state=pb.PostState[found.state],
        rows=found.rows,
        sha256=found.sha256,
        proposed_by=found.proposed_by,
        closed_by=found.closed_by,
        reason=found.reason,
    )


def fault(found: Fault) -> pb.ImportFault:
    """A fault of a row."""
    return pb.ImportFault(
        row=found.row, column=found.column, rule=found.rule, message=found.message
    )
