"""What may be done with a subscription: by the contract of each act, in the states it makes sense in."""

from collections.abc import Mapping

from protobuf import Message

from gateway.calling import rpc_of
from gateway.portal.finding import PROVINCE
from gateway.portal.places import counties
from gateway.portal.visit import Visit
from kit.access import may_call
from kit.regions import hainan
from proto.gen.minzheng.subscriptions.v1.webhooks_pb import (
    ApproveSubscriptionRequest,
    EndSubscriptionRequest,
    PauseSubscriptionRequest,
    RedeliverEventsRequest,
    RefuseSubscriptionRequest,
    RequestSubscriptionRequest,
    ResumeSubscriptionRequest,
    RotateSecretRequest,
    Subscription,
    SubscriptionState,
    TestSubscriptionRequest,
)

S = SubscriptionState
OPEN = (S.APPROVED, S.LIVE, S.PAUSED)
ACTS: Mapping[str, tuple[type[Message], tuple[SubscriptionState, ...]]] = {
    "approve": (ApproveSubscriptionRequest, (S.REQUESTED,)),
    "refuse": (RefuseSubscriptionRequest, (S.REQUESTED,)),
    "secret": (RotateSecretRequest, OPEN),
    "test": (TestSubscriptionRequest, OPEN),
    "pause": (PauseSubscriptionRequest, (S.LIVE,)),
    "resume": (ResumeSubscriptionRequest, (S.PAUSED,)),
    "redeliver": (RedeliverEventsRequest, (S.LIVE, S.PAUSED)),
    "end": (EndSubscriptionRequest, (S.REQUESTED, *OPEN)),
}


def may(visit: Visit, request: type[Message]) -> bool:
    """The visitor's role has the function."""
    return may_call(rpc_of(request).access, visit.role)


def acts(visit: Visit, found: Subscription) -> frozenset[str]:
    """Names of the acts offered at a subscription; testing asks for a secret first."""
    offered = {name for name, (asks, states) in ACTS.items() if found.state in states and may(visit, asks)}  # fmt: skip
    return frozenset(offered if found.has_secret else offered - {"test"})


def may_request(visit: Visit) -> bool:
    """The visitor's role subscribes."""
    return may(visit, RequestSubscriptionRequest)


def places(visit: Visit) -> list[tuple[str, str]]:
    """Regions a department may ask for: its own, and the counties below the province."""
    own = hainan().find(visit.who.region if visit.who else "")
    if own is None:
        return []
    below = counties() if own.code == PROVINCE else ()
    return [(own.code, own.full_name), *((one.code, one.full_name) for one in below)]
