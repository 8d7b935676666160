"""The RPCs departments subscribe with, and civil affairs decides by."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from grpc.aio import ServicerContext
from protobuf import Message

from gateway.subscriptions.delivering import signing
from gateway.subscriptions.delivering.outbound import Answer
from gateway.subscriptions.delivering.worker import Post, send
from gateway.subscriptions.domain import subscription as domain
from gateway.subscriptions.domain.address import Network
from gateway.subscriptions.domain.subscription import Outcome, Subscription
from gateway.subscriptions.event import test_event
from gateway.subscriptions.rpc import view
from gateway.subscriptions.rpc.reach import side, subject_at
from gateway.subscriptions.store.deliveries import Deliveries, around
from gateway.subscriptions.store.subscriptions import Shown, Subscriptions, scope_of
from kit.access import require
from kit.calendar import Moment
from kit.call import current
from kit.paging import decode, encode
from kit.regions import hainan
from kit.settings import settings
from kit.unit import Unit
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.subscriptions.v1 import webhooks_pb as pb
from proto.gen.minzheng.subscriptions.v1.webhooks_pb_grpc import WebhooksServiceService

Told = TypeVar("Told", bound=Message)
SIZE = 20
MOST = 10_000
"""Events of one redelivery, and events that may wait when the next one is asked for."""


class WebhooksRpc(WebhooksServiceService):
    """The servicer."""

    def __init__(
        self, deliveries: Deliveries, unit: Unit, post: Post, allowed: tuple[Network, ...]
    ) -> None:
        self.deliveries = deliveries
        self.subscriptions: Subscriptions = deliveries.subscriptions
        self.unit = unit
        self.post = post
        self.allowed = allowed

    async def request_subscription(
        self, request: pb.RequestSubscriptionRequest, context: ServicerContext
    ) -> pb.RequestSubscriptionResponse:
        """A subscription for a region in the caller's reach."""
        call, node = current(), hainan().get(request.region_code)
        require(call.access, call.who, subject_at(node.code, node.path))

        async def attempt() -> pb.RequestSubscriptionResponse:
            moment = await self.subscriptions.now()
            asked = Subscription(
                request.subscription_id, call.who.subject, node.code, node.path,
                tuple(request.types), request.purpose, request.url, tuple(request.networks),
                moment.at,
            )  # fmt: skip
            outcome = domain.request(asked, settings().province, self.allowed, moment)
            answer = pb.RequestSubscriptionResponse(
                subscription=view.subscription(view.plain(outcome.subscription))
            )
            await self.subscriptions.save(
                outcome, moment, scope_of(call.who), request=request, response=answer
            )
            return answer

        return await self.unit.once(request, pb.RequestSubscriptionResponse, attempt)

    async def list_subscriptions(
        self, request: pb.ListSubscriptionsRequest, context: ServicerContext
    ) -> pb.ListSubscriptionsResponse:
        """Subscriptions in the caller's reach, newest first."""
        asked = request.page or PageRequest()
        size = asked.size or SIZE
        (after,) = decode(asked.token, UUID) if asked.token else (None,)
        rows = await self.subscriptions.listed(current().who, size, after)
        more = len(rows) > size
        token = encode(rows[size - 1].subscription.subscription_id) if more else ""
        return pb.ListSubscriptionsResponse(
            subscriptions=[view.subscription(row) for row in rows[:size]],
            page=PageResponse(next_token=token),
        )

    async def get_subscription(
        self, request: pb.GetSubscriptionRequest, context: ServicerContext
    ) -> pb.GetSubscriptionResponse:
        """One subscription."""
        shown, _ = await self._load(request.subscription_id)
        return pb.GetSubscriptionResponse(subscription=view.subscription(shown))

    async def approve_subscription(
        self, request: pb.ApproveSubscriptionRequest, context: ServicerContext
    ) -> pb.ApproveSubscriptionResponse:
        """The second person agrees."""
        who = current().who.subject
        return await self._change(
            request,
            pb.ApproveSubscriptionResponse,
            lambda found, moment: domain.approve(found, who, moment),
        )

    async def refuse_subscription(
        self, request: pb.RefuseSubscriptionRequest, context: ServicerContext
    ) -> pb.RefuseSubscriptionResponse:
        """The second person does not agree."""
        who = current().who.subject
        return await self._change(
            request,
            pb.RefuseSubscriptionResponse,
            lambda found, moment: domain.refuse(found, who, request.reason, moment),
        )

    async def rotate_secret(
        self, request: pb.RotateSecretRequest, context: ServicerContext
    ) -> pb.RotateSecretResponse:
        """A new secret, shown in this answer only."""
        secret = signing.new_secret()
        return await self._change(
            request,
            pb.RotateSecretResponse,
            lambda found, moment: domain.rotate(found, secret, moment),
            secret=signing.shown(secret),
        )

    async def test_subscription(
        self, request: pb.TestSubscriptionRequest, context: ServicerContext
    ) -> pb.TestSubscriptionResponse:
        """A signed event now; the first that arrives opens the subscription."""

        async def attempt() -> pb.TestSubscriptionResponse:
            shown, moment = await self._load(request.subscription_id)
            domain.may_test(shown.subscription)
            event = test_event(shown.subscription.region_code, moment.at)
            answer = await send(self.post, shown.subscription, event)
            return await self._tested(request, shown, moment, answer, event.id)

        return await self.unit.once(request, pb.TestSubscriptionResponse, attempt)

    async def _tested(
        self,
        request: pb.TestSubscriptionRequest,
        shown: Shown,
        moment: Moment,
        answer: Answer,
        event_id: str,
    ) -> pb.TestSubscriptionResponse:
        found, scope = shown.subscription, scope_of(current().who)
        async with self.deliveries.acting(scope) as connection:
            outcome = Outcome(found)
            if answer.outcome == "DELIVERED":
                outcome = domain.opened(found, await self.subscriptions.head(connection), moment)
            told = pb.TestSubscriptionResponse(
                subscription=view.subscription(replace(shown, subscription=outcome.subscription)),
                outcome=pb.DeliveryOutcome[answer.outcome],
                status=answer.status,
                event_id=event_id,
            )
            if outcome.fact is None:
                await self.subscriptions.note(
                    found, moment, scope, answer.outcome, request, told, connection
                )
            else:
                await self.subscriptions.save(
                    outcome, moment, scope, former=found.state,
                    request=request, response=told, connection=connection,
                )  # fmt: skip
        self.unit.doorbell.ring()
        return told

    async def pause_subscription(
        self, request: pb.PauseSubscriptionRequest, context: ServicerContext
    ) -> pb.PauseSubscriptionResponse:
        """Deliveries stand still; events are kept."""
        return await self._change(
            request,
            pb.PauseSubscriptionResponse,
            lambda found, moment: domain.pause(found, side(), request.reason, moment),
        )

    async def resume_subscription(
        self, request: pb.ResumeSubscriptionRequest, context: ServicerContext
    ) -> pb.ResumeSubscriptionResponse:
        """Deliveries go on with what was kept."""
        return await self._change(
            request,
            pb.ResumeSubscriptionResponse,
            lambda found, moment: domain.resume(found, side(), moment),
        )

    async def end_subscription(
        self, request: pb.EndSubscriptionRequest, context: ServicerContext
    ) -> pb.EndSubscriptionResponse:
        """The end, for good."""
        return await self._change(
            request,
            pb.EndSubscriptionResponse,
            lambda found, moment: domain.end(found, side(), request.reason, moment),
        )

    async def list_deliveries(
        self, request: pb.ListDeliveriesRequest, context: ServicerContext
    ) -> pb.ListDeliveriesResponse:
        """The delivery log, newest first."""
        shown, _ = await self._load(request.subscription_id)
        asked = request.page or PageRequest()
        size = asked.size or SIZE
        (after,) = decode(asked.token, view.position) if asked.token else (None,)
        rows = await self.deliveries.listed(shown.subscription, size, after, request.waiting)
        token = encode(str(rows[size - 1]["number"])) if len(rows) > size else ""
        return pb.ListDeliveriesResponse(
            deliveries=[view.delivery(row) for row in rows[:size]],
            page=PageResponse(next_token=token),
        )

    async def redeliver_events(
        self, request: pb.RedeliverEventsRequest, context: ServicerContext
    ) -> pb.RedeliverEventsResponse:
        """Events of a range again, behind what is on its way."""

        async def attempt() -> pb.RedeliverEventsResponse:
            shown, moment = await self._load(request.subscription_id)
            found = shown.subscription
            domain.may_redeliver(found)
            if shown.waiting >= MOST:
                raise view.busy()
            async with self.deliveries.acting(around(found)) as connection:
                head = await self.subscriptions.head(connection)
                span = view.span(request, head)
                count, reached = await self.deliveries.again(connection, found, span, MOST)
                answer = pb.RedeliverEventsResponse(events=count, cursor=str(reached))
                await self.subscriptions.note(
                    found, moment, scope_of(current().who), f"{count} events", request, answer,
                    connection,
                )  # fmt: skip
            return answer

        return await self.unit.once(request, pb.RedeliverEventsResponse, attempt)

    async def _load(self, subscription_id: str) -> tuple[Shown, Moment]:
        """A subscription the caller may act on; 404 otherwise."""
        call = current()
        shown, moment = await self.subscriptions.load(subscription_id, call.who)
        found = shown.subscription
        about = subject_at(found.region_code, found.region_path, found.account, found.state)
        require(call.access, call.who, about)
        return shown, moment

    async def _change(
        self,
        request: Any,
        kind: type[Told],
        rule: Callable[[Subscription, Moment], Outcome],
        **more: str,
    ) -> Told:
        """Load, apply one rule, save, answer."""

        async def attempt() -> Told:
            shown, moment = await self._load(request.subscription_id)
            outcome = rule(shown.subscription, moment)
            after = replace(shown, subscription=outcome.subscription)
            answer: Told = kind(subscription=view.subscription(after), **more)
            await self.subscriptions.save(
                outcome, moment, scope_of(current().who), former=shown.subscription.state,
                request=request, response=answer,
            )  # fmt: skip
            return answer

        return await self.unit.once(request, kind, attempt)
