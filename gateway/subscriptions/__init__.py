"""Organization changes for other departments: feed, snapshot, webhooks and public topics, fed by facts."""

from collections.abc import Sequence
from functools import partial

from gateway.subscriptions.delivering.egress import allowed, outbound
from gateway.subscriptions.delivering.worker import Deliverer
from gateway.subscriptions.publishing import Publisher
from gateway.subscriptions.reactions import Changes
from gateway.subscriptions.rpc.feed import SubscriptionsRpc
from gateway.subscriptions.rpc.webhooks import WebhooksRpc
from gateway.subscriptions.store.deliveries import Deliveries
from gateway.subscriptions.store.feed import Feed
from gateway.subscriptions.store.pending import Pending
from gateway.subscriptions.store.subscriptions import Subscriptions
from kit.log.port import Log
from kit.operations.gauges import Measure
from kit.reactions import Reaction
from kit.server import Runtime, Servicer, Worker
from kit.settings import settings
from kit.timers import Timer, keep
from proto.gen.minzheng.filing.v1.facts_pb import FilingExpired, FilingRenewed, OrganizationFiled

TEST_SECONDS = 3.0
"""Time an address has for a test: its caller waits, and calls end after 5 s."""


def servicers(runtime: Runtime) -> Sequence[Servicer]:
    """The RPCs."""
    config = settings()
    post = outbound(config, min(TEST_SECONDS, config.webhook_patience))
    webhooks = WebhooksRpc(deliveries(runtime), runtime.unit, post, allowed(config))
    return (SubscriptionsRpc(Feed(runtime.database)), webhooks)


def reactions(runtime: Runtime) -> Sequence[Reaction]:
    """What becomes public of the facts of other services."""
    changes = Changes(Feed(runtime.database))
    public = (OrganizationFiled, FilingRenewed, FilingExpired)
    return [Reaction(fact, changes.on_fact, changes.on_facts) for fact in public]


def workers(runtime: Runtime, log: Log) -> Sequence[Worker]:
    """Delivers to the addresses of departments; writes the feed to the public topics."""
    found = deliveries(runtime)
    deliverer = Deliverer(found, outbound(settings()), found.now)
    publishing = Timer("gateway.publishing", Publisher(runtime.database, log).run, every=0.5)
    return (deliverer.run, partial(keep, publishing, runtime.database))


def gauges(runtime: Runtime) -> Sequence[Measure]:
    """How long departments wait."""
    return (Pending(runtime.database).measure,)


def deliveries(runtime: Runtime) -> Deliveries:
    """What is on its way."""
    subscriptions = Subscriptions(runtime.database, runtime.unit, runtime.keyring)
    return Deliveries(runtime.database, subscriptions)
