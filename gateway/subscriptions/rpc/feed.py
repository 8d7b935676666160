"""The RPCs departments read with."""

from uuid import UUID

from grpc.aio import ServicerContext

from gateway.subscriptions.event import cloud_event
from gateway.subscriptions.store.feed import Feed, Window
from kit.call import current
from kit.paging import decode, encode
from kit.regions import hainan
from proto.gen.minzheng.subscriptions.v1 import subscriptions_pb as pb
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb_grpc import SubscriptionsServiceService

EVENTS, STATES = 100, 200
FIRST = "00000000-0000-0000-0000-000000000000"


def window(region: str) -> Window:
    """What the caller may read of the region asked for: the smaller of it and the post's node.

    Raises Refusal region.unknown. A region outside the post's node shows nothing.
    """
    who = current().who
    asked = hainan().get(region).path if region else who.region_path
    inside = asked.startswith(who.region_path) and bool(who.region_path)
    around = bool(asked) and who.region_path.startswith(asked)
    return Window(who.scope, asked if inside else who.region_path if around else "")


class SubscriptionsRpc(SubscriptionsServiceService):
    """The servicer."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed

    async def list_events(
        self, request: pb.ListEventsRequest, context: ServicerContext
    ) -> pb.ListEventsResponse:
        """Events after the cursor. A page that is not full has looked at everything up to the head."""
        after, size = int(request.after or 0), request.size or EVENTS
        head = await self.feed.head()
        rows = await self.feed.events(window(request.region), after, head, request.types, size)
        last = rows[-1]["position"] if len(rows) == size else max(head, after)
        return pb.ListEventsResponse(events=[cloud_event(row) for row in rows], cursor=str(last))

    async def get_snapshot(
        self, request: pb.GetSnapshotRequest, context: ServicerContext
    ) -> pb.GetSnapshotResponse:
        """States by organization; every page names the cursor of the first.

        A state that changed after that cursor may already be newer on a later page. Following the
        events from the cursor still ends right: apply only a greater `sequence` per organization.
        """
        size = request.size or STATES
        if request.page_token:
            cursor, after = (str(part) for part in decode(request.page_token, int, UUID))
        else:
            cursor, after = str(await self.feed.head()), FIRST
        rows = await self.feed.states(window(request.region), after, size)
        token = encode(cursor, str(rows[-1]["organization_id"])) if len(rows) == size else ""
        states = [pb.OrganizationState.from_binary(bytes(row["state"])) for row in rows]
        return pb.GetSnapshotResponse(organizations=states, cursor=cursor, next_page_token=token)
