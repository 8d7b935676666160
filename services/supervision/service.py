"""What the supervision service is. Run it with `minzheng serve supervision`."""

from collections.abc import Sequence

from kit.reactions import Reaction
from kit.server import Runtime, Service, Servicer
from services.supervision import reactions
from services.supervision.rpc.announcements import AnnouncementsRpc
from services.supervision.rpc.register import RegisterRpc
from services.supervision.store.announcements import Announcements
from services.supervision.store.register import Register
from services.supervision.store.search import Search


def servicers(runtime: Runtime) -> Sequence[Servicer]:
    """The RPCs."""
    database, unit = runtime.database, runtime.unit
    return (
        RegisterRpc(Register(database), Search(database)),
        AnnouncementsRpc(Announcements(database, unit), unit),
    )


def react(runtime: Runtime) -> Sequence[Reaction]:
    """The register, filled by the facts of filing."""
    return reactions.reactions()


SERVICE = Service("supervision", servicers=servicers, reactions=react, read_side=reactions.REGISTER)
