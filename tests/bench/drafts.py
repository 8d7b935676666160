"""Complete drafts, made by the product's own rules and copied into a database before a run."""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from gateway.demo.application import form as demo_form
from kit.ids import uuid7
from kit.regions import Level, Node, hainan
from kit.secrets import Keyring
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain import draft
from services.filing.domain.acting import Actor
from services.filing.domain.case import Case, Material
from services.filing.domain.place import place_of
from services.filing.rpc.view import form_from
from services.filing.store.rows import row_of
from services.filing.store.write import COLUMNS

if TYPE_CHECKING:
    import asyncpg

ACCOUNTS = tuple(str(uuid5(UUID(int=0), f"bench resident {n}")) for n in range(200))
"""Residents who file, in turn."""
DIGITS = str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸")
STEPS = ("create_draft", "upload_material", "upload_material")
STEP_COLUMNS = (
    "filing_id", "ordinal", "action", "from_state", "to_state", "role", "business_on", "at",
    "reason", "rule_version", "owner", "organization_id", "region_path",
)  # fmt: skip
PLACES = 150
"""Communities that take part, spread over the province."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft and whose it is."""

    filing_id: str
    owner: str


def communities(day: datetime | None = None) -> list[Node]:
    """Communities in force that have a filing authority, in the order of their codes."""
    on = (day or datetime.now(UTC)).date()
    tree = hainan()
    return [
        node
        for node in sorted(_below(tree.get("460000000000")), key=lambda one: one.code)
        if node.level is Level.COMMUNITY and node.in_force(on) and _authority(node.code, on)
    ]


def _below(node: Node) -> Iterator[Node]:
    for child in hainan().children(node.code):
        yield child
        yield from _below(child)


def _authority(code: str, on: Any) -> bool:
    try:
        return hainan().filing_authority(code, on) is not None
    except Exception:
        return False


def cases(count: int, first: int = 0) -> Iterator[Case]:
    """Drafts that submission accepts; `first` keeps the names of one call from another's."""
    found = communities()
    places = found[:: max(1, len(found) // PLACES)]
    today = datetime.now(UTC).date()
    for n in range(first, first + count):
        node = places[n % len(places)]
        place = place_of(node, hainan().filing_authority(node.code, today))
        name = f"{place.name_prefixes[0]}暖心{str(n).translate(DIGITS)}志愿服务队"
        form, persons = form_from(
            pb.Form.from_json(json.dumps(demo_form(name, node.code, n, "二楼")))
        )
        who = Actor(ACCOUNTS[n % len(ACCOUNTS)], "RESIDENT")
        case = draft.create(str(uuid7()), str(uuid7()), place, form, persons, who).case
        for code in ("B02", "B05"):
            material = Material(code, str(uuid7()), "00" * 32, "application/pdf", 90_000)
            case = draft.attach(case, who, material).case
        yield case


async def copy(
    connection: "asyncpg.Connection[Any]", keyring: Keyring, drafts: Sequence[Case]
) -> list[Draft]:
    """Copy drafts with their history into a database (as one whom row security does not hold)."""
    at = datetime.now(UTC)
    rows = [row_of(case, keyring) for case in drafts]
    fixed = {"timer_on": None, "created_at": at, "updated_at": at}
    await connection.copy_records_to_table(
        "filing",
        records=[tuple((row | fixed)[name] for name in COLUMNS) for row in rows],
        columns=list(COLUMNS),
    )
    await connection.copy_records_to_table(
        "filing_step",
        records=list(itertools.chain.from_iterable(_steps(row, at) for row in rows)),
        columns=list(STEP_COLUMNS),
    )
    return [Draft(case.filing_id, case.owner) for case in drafts]


def _steps(row: dict[str, Any], at: datetime) -> Iterator[tuple[Any, ...]]:
    for ordinal, action in enumerate(STEPS, start=1):
        before = "DRAFT" if ordinal > 1 else ""
        moved = (row["filing_id"], ordinal, action, before, "DRAFT", "RESIDENT", at.date(), at)
        yield (*moved, "", "", row["owner"], row["organization_id"], row["region_path"])
