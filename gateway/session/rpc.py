"""Sessions as the security administrator sees and ends them."""

from datetime import UTC, datetime
from uuid import UUID

from grpc.aio import ServicerContext

from gateway.posts import view
from gateway.posts.domain import Holdings
from gateway.posts.store import Posts
from gateway.session import domain
from gateway.session.domain import SELF, Session
from gateway.session.store import END, SessionRows
from kit.identity import LIFETIME
from kit.operations.view import instant
from kit.places import region
from kit.unit import Audit, Change, Stale, Unit
from proto.gen.minzheng.sessions.v1 import sessions_pb as pb
from proto.gen.minzheng.sessions.v1.sessions_pb_grpc import SessionsServiceService


class SessionsRpc(SessionsServiceService):
    """The servicer."""

    def __init__(self, rows: SessionRows, posts: Posts, unit: Unit) -> None:
        self.rows = rows
        self.posts = posts
        self.unit = unit

    async def list_sessions(
        self, request: pb.ListSessionsRequest, context: ServicerContext
    ) -> pb.ListSessionsResponse:
        """Sessions of an account that are not over, newest first."""
        holdings, moment = await self.posts.held(request.account)
        found = [one for one in await self.rows.of(request.account) if one.live(moment.at)]
        newest = sorted(found, key=lambda one: one.started_at, reverse=True)
        return pb.ListSessionsResponse(sessions=[shown(one, holdings) for one in newest])

    async def end_sessions(
        self, request: pb.EndSessionsRequest, context: ServicerContext
    ) -> pb.EndSessionsResponse:
        """One session or all of an account, with the reason in the audit trail."""

        async def attempt() -> pb.EndSessionsResponse:
            every = await self.rows.of(request.account)
            chosen = [one for one in every if request.session_id in ("", one.session_id)]
            async with self.unit.database.transaction("end sessions") as connection:
                ended = 0
                for one in chosen:
                    change = Change(END, {"session_id": UUID(one.session_id)}, about(one, request))
                    try:
                        await self.unit.write(change, connection=connection)
                        ended += 1
                    except Stale:
                        continue
                answer = pb.EndSessionsResponse(ended=ended)
                act = Audit(request.account, "/", datetime.now(UTC), None, reason=request.reason)
                await self.unit.write(Change("SELECT 1", {}, act), request, answer, connection)
            return answer

        return await self.unit.once(request, pb.EndSessionsResponse, attempt)

    async def get_sign_on_policy(
        self, request: pb.GetSignOnPolicyRequest, context: ServicerContext
    ) -> pb.GetSignOnPolicyResponse:
        """What holds for every sign-on."""
        policy = pb.SignOnPolicy(
            idle_seconds=round(domain.IDLE.total_seconds()),
            absolute_seconds=round(domain.ABSOLUTE.total_seconds()),
            second_factor_seconds=round(domain.STEP_UP),
            token_seconds=LIFETIME,
        )
        return pb.GetSignOnPolicyResponse(policy=policy)


def about(session: Session, request: pb.EndSessionsRequest) -> Audit:
    """The audit row of a session that an administrator ends."""
    return Audit(session.session_id, "/", datetime.now(UTC), None, reason=request.reason)


def shown(session: Session, holdings: Holdings) -> pb.AccountSession:
    """A session as the administrator sees it."""
    return pb.AccountSession(
        session_id=session.session_id,
        post_title=title(session.post, holdings),
        started_at=instant(session.started_at),
        seen_at=instant(session.seen_at),
        authenticated_at=instant(session.authenticated_at),
        second_factor=session.acr == domain.HIGH,
    )


def title(post_id: str, holdings: Holdings) -> str:
    """Chinese name of the post of a session."""
    if post_id in ("", SELF):
        return "居民" if post_id else ""
    post = holdings.find(post_id)
    return f"{view.role_name(post.role)}·{region(post.region_code).full_name}" if post else ""
