"""What the notifications service is. Run it with `minzheng serve notifications`."""

from collections.abc import Sequence

from kit.reactions import Reaction
from kit.server import Runtime, Service
from services.notifications import reactions
from services.notifications.rpc import NotificationsRpc
from services.notifications.store.contacts import SEALED, Contacts
from services.notifications.store.messages import Messages


def servicers(runtime: Runtime) -> Sequence[NotificationsRpc]:
    """The RPCs."""
    messages = Messages(runtime.database, runtime.unit)
    contacts = Contacts(runtime.database, runtime.unit, runtime.keyring)
    return (NotificationsRpc(messages, contacts, runtime.unit),)


def react(runtime: Runtime) -> Sequence[Reaction]:
    """Messages caused by the facts of filing."""
    return reactions.reactions()


SERVICE = Service("notifications", servicers=servicers, reactions=react, sealed=(SEALED,))
