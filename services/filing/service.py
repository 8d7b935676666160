"""What the filing service is: its RPCs and its timers. Run it with `minzheng serve filing`."""

import json
from collections.abc import Sequence

from joserfc.jwk import KeySet

from kit.retention import EVERY_SECONDS
from kit.server import Runtime, Service
from kit.settings import settings
from kit.timers import Timer
from services.filing.rpc import FilingRpc
from services.filing.rpc.guide import GuideRpc
from services.filing.rpc.rules import RuleRpc
from services.filing.store.desk import Desk
from services.filing.store.read import Reader
from services.filing.store.rows import SEALED
from services.filing.store.rules import Rules
from services.filing.store.write import Writer
from services.filing.timers import DueCases


def _rooms(runtime: Runtime) -> tuple[Reader, Writer]:
    reader = Reader(runtime.database, runtime.keyring)
    return reader, Writer(runtime.database, runtime.unit, runtime.keyring)


def servicers(runtime: Runtime) -> Sequence[FilingRpc | RuleRpc | GuideRpc]:
    """The RPCs."""
    keys = KeySet.import_key_set(json.loads(settings().secret("internal_keys.json")))
    reader, writer = _rooms(runtime)
    desk = Desk(runtime.database, runtime.unit)
    rules = Rules(runtime.database, runtime.unit, reader.books)
    return (
        FilingRpc(reader, writer, desk, runtime.unit, keys),
        RuleRpc(reader, rules, runtime.unit),
        GuideRpc(reader),
    )


def timers(runtime: Runtime) -> Sequence[Timer]:
    """What the calendar moves on, what has been kept long enough."""
    due = DueCases(*_rooms(runtime), runtime.unit)
    return (
        Timer("filing.due", due.move_on),
        Timer("filing.erasure", due.erase, EVERY_SECONDS),
    )


SERVICE = Service("filing", servicers=servicers, timers=timers, sealed=(SEALED,))
