"""What the filing service is: its RPCs and its timers. Run it with `minzheng serve filing`."""

import json
from collections.abc import Sequence

from joserfc.jwk import KeySet

from kit.files import SealedFiles, file_store
from kit.log.port import Log
from kit.operations.gauges import Measure
from kit.press import Press
from kit.retention import EVERY_SECONDS
from kit.server import Runtime, Service, Servicer, Worker
from kit.settings import settings
from kit.timers import Timer
from services.filing.rpc import FilingRpc
from services.filing.rpc.exports import ExportRpc
from services.filing.rpc.guide import GuideRpc
from services.filing.rpc.letters import LetterRpc
from services.filing.rpc.rules import RuleRpc
from services.filing.store.asking import SEALED as LETTERS
from services.filing.store.deadlines import Deadlines
from services.filing.store.desk import Desk
from services.filing.store.exports import Exports
from services.filing.store.letters import Letters
from services.filing.store.read import Reader
from services.filing.store.rows import SEALED
from services.filing.store.rules import Rules
from services.filing.store.write import Writer
from services.filing.timers import DueCases, Exporting, Printing
from services.filing.timers.cases import SYSTEM


def _rooms(runtime: Runtime) -> tuple[Reader, Writer]:
    reader = Reader(runtime.database, runtime.keyring)
    return reader, Writer(runtime.database, runtime.unit, runtime.keyring)


def _letters(runtime: Runtime) -> Letters:
    return Letters(runtime.database, runtime.unit, runtime.keyring, file_store())


def _exports(runtime: Runtime) -> Exports:
    return Exports(runtime.database, runtime.unit, SealedFiles(file_store(), runtime.keyring))


def _exporting(runtime: Runtime) -> Exporting:
    return Exporting(_rooms(runtime)[0], _exports(runtime))


def servicers(runtime: Runtime) -> Sequence[Servicer]:
    """The RPCs."""
    keys = KeySet.import_key_set(json.loads(settings().secret("internal_keys.json")))
    reader, writer = _rooms(runtime)
    desk = Desk(runtime.database, runtime.unit)
    rules = Rules(runtime.database, runtime.unit, reader.books)
    return (
        FilingRpc(reader, writer, desk, runtime.unit, keys),
        RuleRpc(reader, rules, runtime.unit),
        GuideRpc(reader),
        LetterRpc(reader, _letters(runtime)),
        ExportRpc(reader, _exports(runtime), runtime.unit),
    )


def timers(runtime: Runtime) -> Sequence[Timer]:
    """What the calendar moves on, what is to be printed, what has been kept long enough."""
    reader, writer = _rooms(runtime)
    due = DueCases(reader, writer, runtime.unit)
    printing = Printing(reader, _letters(runtime), Press())
    return (
        Timer("filing.due", due.move_on),
        Timer("filing.letters", printing.run),
        Timer("filing.exports_over", _exporting(runtime).clean, EVERY_SECONDS),
        Timer("filing.letters_erased", printing.clean, EVERY_SECONDS),
        Timer("filing.erasure", due.erase, EVERY_SECONDS),
    )


def workers(runtime: Runtime, log: Log) -> Sequence[Worker]:
    """What is made beside the calls."""
    return (_exporting(runtime).worker(runtime.database),)


def gauges(runtime: Runtime) -> Sequence[Measure]:
    """Limits that cases stand under."""
    return (Deadlines(runtime.database, SYSTEM.scope).measure,)


SERVICE = Service(
    "filing",
    servicers=servicers,
    timers=timers,
    workers=workers,
    gauges=gauges,
    sealed=(SEALED, LETTERS),
    front=True,
)
