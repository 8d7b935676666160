"""Export of a trail for a verifier that knows nothing of this program."""

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from kit.audit.row import COLUMNS, canonical
from kit.audit.verify import ROWS, UNCHAINED, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg

BATCH = 5000


async def export(connection: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[str]:
    """A JSON line a row in the order of the chain, rows not sealed yet at the end.

    `text` is what the MAC covers; `columns` names its parts in the first line.
    """
    yield json.dumps({"columns": COLUMNS})
    number = 0
    async with snapshot(connection):
        while rows := await connection.fetch(ROWS, number, BATCH):
            for row in rows:
                yield _line(dict(row))
            number = rows[-1]["number"]
        for row in await connection.fetch(UNCHAINED):
            yield _line({**row, "number": None, "digest": b"", "link": b"", "audit_id": row["id"]})


def _line(row: "Mapping[str, Any]") -> str:
    there = row["id"] is not None
    return json.dumps(
        {
            "number": row["number"],
            "audit_id": row["audit_id"],
            "text": canonical(row).decode() if there else None,
            "mac": bytes(row["mac"]).hex() if there else None,
            "digest": bytes(row["digest"]).hex(),
            "link": bytes(row["link"]).hex(),
        },
        ensure_ascii=False,
    )
