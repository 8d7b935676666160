"""What sessions do about facts: posts that ended end the sessions under them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gateway.posts.store import Posts
from gateway.session.domain import POST_ENDED
from gateway.session.store import SessionRows
from kit.reactions import Event, Reaction
from kit.server import Runtime
from proto.gen.minzheng.posts.v1.posts_pb import PostChanged

if TYPE_CHECKING:
    from kit.database import Connection


class Ending:
    """Ends sessions whose post or account is gone, also those nobody uses any more."""

    def __init__(self, rows: SessionRows, posts: Posts) -> None:
        self.rows = rows
        self.posts = posts

    async def on_post_changed(
        self, connection: "Connection", fact: PostChanged, event: Event
    ) -> None:
        """Sessions of the account under a post no longer in force; all where it is disabled."""
        await self.on_posts_changed(connection, [(fact, event)])

    async def on_posts_changed(
        self, connection: "Connection", told: Sequence[tuple[PostChanged, Event]]
    ) -> None:
        """The same for several changes; those of one account are looked at together."""
        for account in {fact.account: None for fact, _ in told}:
            await self._end(connection, account)

    async def _end(self, connection: "Connection", account: str) -> None:
        sessions = await self.rows.of(account)
        if not sessions:
            return
        holdings, moment = await self.posts.held(account, connection)
        held = {post.post_id for post in holdings.in_force(moment.today)}
        for session in sessions:
            if holdings.disabled_by or not session.may_act(held):
                await self.rows.end(session, moment.at, POST_ENDED, connection)


def reactions(runtime: Runtime) -> Sequence[Reaction]:
    """The reactions of sessions."""
    ending = Ending(SessionRows(runtime.unit), Posts(runtime.database, runtime.unit))
    return (Reaction(PostChanged, ending.on_post_changed, ending.on_posts_changed),)
