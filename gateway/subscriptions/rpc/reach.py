"""Who acts on a subscription, and how the policy table sees it."""

from kit.access import Subject
from kit.call import current
from proto.gen.minzheng.common.v1.access_pb import Role


def subject_at(code: str, path: str, owner: str = "", state: str = "") -> Subject:
    """A subscription as the policy table sees it."""
    return Subject(
        owner=owner, authority_code=code, authority_path=path, community_code="", state=state
    )


def side() -> str:
    """On whose behalf the caller acts."""
    return "DEPARTMENT" if current().who.role is Role.DEPT else "AUTHORITY"
