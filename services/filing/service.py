"""What the filing service is: its RPCs and its timers. Run it with `minzheng serve filing`."""

import json
from collections.abc import Sequence

from joserfc.jwk import KeySet

from kit.server import Runtime, Service
from kit.settings import settings
from kit.timers import Timer
from services.filing.rpc import FilingRpc
from services.filing.store.desk import Desk
from services.filing.store.read import Reader
from services.filing.store.write import Writer
from services.filing.timers import DueCases


def _rooms(runtime: Runtime) -> tuple[Reader, Writer]:
    reader = Reader(runtime.database, runtime.keyring)
    return reader, Writer(runtime.database, runtime.unit, runtime.keyring)


def servicers(runtime: Runtime) -> Sequence[FilingRpc]:
    """The RPCs."""
    keys = KeySet.import_key_set(json.loads(settings().secret("internal_keys.json")))
    desk = Desk(runtime.database, runtime.unit)
    return (FilingRpc(*_rooms(runtime), desk, runtime.unit, keys),)


def timers(runtime: Runtime) -> Sequence[Timer]:
    """Silence of a village, a correction not answered."""
    due = DueCases(*_rooms(runtime), runtime.unit)
    return (Timer("filing.due", due.move_on),)


SERVICE = Service("filing", servicers=servicers, timers=timers)
