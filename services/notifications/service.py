"""What the notifications service is. Run it with `minzheng serve notifications`."""

from collections.abc import Sequence

from kit.reactions import Reaction
from kit.server import Runtime, Service, Servicer
from kit.timers import Timer
from services.notifications import reactions
from services.notifications.rpc.dispatches import DispatchesRpc
from services.notifications.rpc.messages import NotificationsRpc
from services.notifications.store.contacts import SEALED, Contacts
from services.notifications.store.dispatches import Dispatches
from services.notifications.store.messages import Messages
from services.notifications.timers import DueDispatches, OldDispatches


def servicers(runtime: Runtime) -> Sequence[Servicer]:
    """The RPCs."""
    messages = Messages(runtime.database, runtime.unit)
    contacts = Contacts(runtime.database, runtime.unit, runtime.keyring)
    dispatches = Dispatches(runtime.database, runtime.unit)
    return (
        NotificationsRpc(messages, contacts, runtime.unit),
        DispatchesRpc(dispatches, contacts),
    )


def react(runtime: Runtime) -> Sequence[Reaction]:
    """Messages caused by the facts of filing."""
    return reactions.reactions()


def timers(runtime: Runtime) -> Sequence[Timer]:
    """Dispatches that become due, and those to be forgotten."""
    dispatches = Dispatches(runtime.database, runtime.unit)
    return (
        Timer("notifications.release", DueDispatches(dispatches).run, every=0.5),
        Timer("notifications.forget", OldDispatches(dispatches).run, every=3600.0),
    )


SERVICE = Service(
    "notifications",
    servicers=servicers,
    reactions=react,
    timers=timers,
    sealed=(SEALED,),
    read_side="消息已发给个人，重建会再次发送 messages went to people: made anew they would go again",
)
