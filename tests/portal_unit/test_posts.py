"""Posts to choose from: two organizations in one place are told apart by their names."""

from datetime import UTC, date, datetime
from typing import Any, cast

from gateway.calling import Calling
from gateway.posts.domain import Post
from gateway.session.organizations import names
from gateway.session.routes import RESIDENT, choices
from kit.errors import not_found
from proto.gen.minzheng.supervision.v1.register_pb import (
    GetOrganizationRequest,
    GetOrganizationResponse,
    Organization,
)
from tests.portal_unit.requests import request

CHOIR, ROWERS, GONE = "choir", "rowers", "gone"
KNOWN = {CHOIR: "桥南社区合唱队", ROWERS: "桥南社区龙舟队"}


class Register:
    """The public register."""

    async def ask(self, _: Any, asked: GetOrganizationRequest) -> GetOrganizationResponse:
        if asked.organization_id not in KNOWN:
            raise not_found()
        return GetOrganizationResponse(organization=Organization(name=KNOWN[asked.organization_id]))


def post(organization: str) -> Post:
    """Somebody owns it, all in one community."""
    return Post(
        organization, "account", "ORG_OWNER", "460106004002", "", date(2026, 1, 1), "seed",
        datetime(2026, 1, 1, tzinfo=UTC), organization_id=organization,
    )  # fmt: skip


async def test_posts_are_told_by_their_organizations() -> None:
    known = await names(
        cast(Calling, Register()), request("/sign-in/post"), [CHOIR, ROWERS, GONE, ""]
    )
    assert known == KNOWN
    told = choices([post(CHOIR), post(ROWERS), post(GONE)], ROWERS, known)
    assert [one.title.partition("·")[2] for one in told[:2]] == ["桥南社区合唱队", "桥南社区龙舟队"]
    assert told[2].title.endswith("大同里社区居民委员会"), "without a name, the place"
    assert told[3].title == RESIDENT
    assert [one.present for one in told] == [False, True, False, False]
