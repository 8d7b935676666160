"""Posts as the pages of operation list and grant them."""

from gateway.calling import rpc_of
from gateway.portal.filters import word
from gateway.portal.visit import Visit
from kit.access import may_call
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.posts.v1.posts_pb import GrantPostRequest, PostState

NOT_GRANTED = (Role.UNSPECIFIED, Role.ANONYMOUS, Role.RESIDENT, Role.SYSTEM)
STATES = (PostState.PROPOSED, PostState.GRANTED, PostState.REVOKED)


def roles() -> list[tuple[str, str]]:
    """Roles that may be granted."""
    return [(role.name, word(role)) for role in Role if role not in NOT_GRANTED]


def states() -> list[tuple[str, str]]:
    """States a list may be narrowed to."""
    return [(state.name, word(state)) for state in STATES]


def may_grant(visit: Visit) -> bool:
    """The visitor grants posts."""
    return may_call(rpc_of(GrantPostRequest).access, visit.role)
