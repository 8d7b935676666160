"""Organization changes for other departments: feed and snapshot, fed by facts."""

from collections.abc import Sequence

from gateway.subscriptions.reactions import Changes
from gateway.subscriptions.rpc import SubscriptionsRpc
from gateway.subscriptions.store import Feed
from kit.reactions import Reaction
from kit.server import Runtime
from proto.gen.minzheng.filing.v1.facts_pb import FilingExpired, FilingRenewed, OrganizationFiled


def servicer(runtime: Runtime) -> SubscriptionsRpc:
    """The RPCs."""
    return SubscriptionsRpc(Feed(runtime.database))


def reactions(runtime: Runtime) -> Sequence[Reaction]:
    """What becomes public of the facts of other services."""
    changes = Changes(Feed(runtime.database))
    return (
        Reaction(OrganizationFiled, changes.on_organization_filed),
        Reaction(FilingRenewed, changes.on_filing_renewed),
        Reaction(FilingExpired, changes.on_filing_expired),
    )
