"""What PostgreSQL alone does: the product's own write as one statement, or as one statement a row."""

import asyncio
import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from kit.calendar import WorkingCalendar, business_date
from kit.call import Call
from kit.database import Database
from kit.embedded.postgres import wheel_bindir
from kit.identity import Caller
from kit.ids import uuid7
from kit.outbox import Doorbell
from kit.rules import RuleBook
from kit.secrets import Keyring
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Access, PersonalFields, Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain import submission
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case
from services.filing.domain.outcome import Numbered
from services.filing.rpc.view import filing as shown
from services.filing.store.read import KEYS
from services.filing.store.write import change_of
from tests.bench.stage import Stage

ID = "('00000000-0000-7000-8000-' || lpad(to_hex({n}::bigint), 12, '0'))::uuid"
"""The id of draft n, so that a script needs no reading to find one."""
NUMBER = "\\set i :i + 1\n\\set n {first} + :client_id * {each} + :i\n"
CLIENTS = 32


def numbered(case: Case, n: int) -> Case:
    """The draft under the n-th of the ids."""
    one = str(UUID(f"00000000-0000-7000-8000-{n:012x}"))
    return replace(case, filing_id=one, organization_id=one)


def submitted(case: Case, keyring: Keyring) -> tuple[Any, Any, Any, Any]:
    """Unit, change, request and answer of a draft's submission, made as the service makes them."""
    at = datetime.now(UTC)
    now = Moment(business_date(at, 0), at, WorkingCalendar())
    rules = RuleBook.default().pin(KEYS, case.place.region_path, now.today)
    actor = Actor(case.owner, "RESIDENT")
    judged = submission.submit(case, actor, now, rules, "CN-2026-01", False)
    assert isinstance(judged, Numbered)
    outcome = judged.finish(1)
    request = pb.SubmitFilingRequest(
        filing_id=case.filing_id, request_id=str(uuid7()), pledge_version="CN-2026-01"
    )
    answer = pb.SubmitFilingResponse(filing=shown(outcome.case, PersonalFields.OWN, now))
    unit = Unit(Database("filing", None), Doorbell(), keyring)  # type: ignore[arg-type]
    return unit, change_of(outcome, now, keyring), request, answer


def statements(case: Case, keyring: Keyring, *, one: bool) -> list[str]:
    """The write of a draft's submission for draft `:n`: one statement, or one a row."""
    unit, change, request, answer = submitted(case, keyring)
    call = Call(Caller(case.owner, Role.RESIDENT), "submit", Access(action="submit"))
    text, values = unit.render(change, call, request, answer)
    ids = _own(change.values["application_no"], request.request_id, case.organization_id)
    ids |= dict.fromkeys(change.values["letter_codes"], "gen_random_uuid()::text")
    told = [_sql(value, ids) for value in values]
    parts = [text] if one else _apart(text)
    return [re.sub(r"\$(\d+)", lambda found: told[int(found[1]) - 1], part) for part in parts]


def _apart(text: str) -> list[str]:
    inner = text.removeprefix("WITH state AS (").removesuffix(") SELECT 1 FROM state")
    parts = re.split(r"\), p\d+ AS \(", inner)
    return [part.removesuffix(" FROM state").replace(" FROM state,", " FROM") for part in parts]


def _own(application_no: object, key: str, organization: str) -> dict[object, str]:
    own = ID.format(n=":n")
    return {
        UUID(organization): own,
        organization: f"({own})::text",
        application_no: "('SB' || :n)",
        UUID(key): "gen_random_uuid()",
    }


def _sql(value: object, own: dict[object, str]) -> str:
    """A value as SQL that pgbench leaves alone: a colon would begin a variable."""
    if isinstance(value, list):
        return f"ARRAY[{', '.join(_sql(item, own) for item in value)}]::text[]"
    if value in own:
        return own[value]
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value)
        case datetime():
            return f"to_timestamp({value.timestamp()})"
        case date():
            return f"'{value}'::date"
        case bytes():
            return f"'\\x{value.hex()}'::bytea"
        case UUID():
            return "gen_random_uuid()"
    escaped = str(value).replace("\\", "\\\\").replace("'", "''").replace(":", "\\072")
    return f"E'{escaped}'"


async def pgbench(
    stage: Stage, database: str, script: Sequence[str], first: int, count: int
) -> float:
    """Transactions a second of `count` drafts from number `first` on, 32 clients, prepared."""
    each = count // CLIENTS
    lines = [line.replace("\n", " ") + ";" for line in script]
    lines = ["BEGIN;", *lines, "COMMIT;"] if len(lines) > 1 else lines
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(NUMBER.format(first=first - 1, each=each) + "\n".join(lines) + "\n")
        file.flush()
        return await _run(stage, database, Path(file.name), each)


async def _run(stage: Stage, database: str, script: Path, each: int) -> float:
    fixed = ("-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-t", str(each), "-D", "i=0")
    process = await asyncio.create_subprocess_exec(
        str(wheel_bindir() / "pgbench"), *fixed, "-f", str(script), stage.dsn(database),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await process.communicate()
    found = re.search(r"tps = ([\d.]+) \(without", out.decode())
    failed = re.search(r"failed transactions: (\d+)", out.decode())
    if process.returncode or found is None or (failed and failed[1] != "0"):
        raise RuntimeError(f"pgbench: {out.decode()[-500:]} {errors.decode()[-1500:]}")
    return float(found[1])
