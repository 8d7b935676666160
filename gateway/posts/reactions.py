"""What posts do about facts: the applicant becomes the officer of the organization filed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from gateway.posts.domain import Post, own
from gateway.posts.store import Posts
from kit.calendar import Moment
from kit.call import Call, enter
from kit.identity import system
from kit.reactions import Event, Reaction
from kit.server import Runtime
from proto.gen.minzheng.common.v1.access_pb import Access
from proto.gen.minzheng.filing.v1.facts_pb import OrganizationFiled

if TYPE_CHECKING:
    from kit.database import Connection

SYSTEM = system("gateway")
SPACE = uuid5(NAMESPACE_URL, "minzheng:organization-owner")


class Officers:
    """Gives posts at organizations."""

    def __init__(self, posts: Posts) -> None:
        self.posts = posts

    async def on_organization_filed(
        self, connection: "Connection", fact: OrganizationFiled, event: Event
    ) -> None:
        """ORG_OWNER for the applicant; a fact that comes again changes nothing."""
        holdings, moment = await self.posts.held(fact.applicant_account, connection)
        outcome = own(holdings, owner_post(fact, moment))
        if outcome is None:
            return
        enter(Call(SYSTEM, "reaction", Access(action="grant_organization_post")))
        await self.posts.save(outcome, moment, connection=connection)


def owner_post(fact: OrganizationFiled, moment: Moment) -> Post:
    """The post of the applicant; its id follows from the organization."""
    return Post(
        post_id=str(uuid5(SPACE, fact.organization_id)),
        account=fact.applicant_account,
        role="ORG_OWNER",
        region_code=fact.community_code,
        region_path=fact.region_path,
        organization_id=fact.organization_id,
        valid_from=moment.today,
        granted_by=SYSTEM.subject,
        created_at=moment.at,
    )


def reactions(runtime: Runtime) -> Sequence[Reaction]:
    """The reactions of posts."""
    officers = Officers(Posts(runtime.database, runtime.unit))
    return (Reaction(OrganizationFiled, officers.on_organization_filed),)
