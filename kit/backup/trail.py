"""Checkpoints of the audit trail after a restore: what they say of a future given up is set aside, never lost."""

import os
from typing import TYPE_CHECKING

from kit.audit import checkpoint
from kit.audit.verify import Broken

if TYPE_CHECKING:
    from kit.database import Connection

KEPT = "SELECT line FROM kit.audit_checkpoint ORDER BY number"


async def set_aside(connection: "Connection", workload: str, stamp: str) -> int:
    """Lines beyond the restored table go into a file beside; answers how many.

    Raises Broken where the file does not begin as the table does: that is no restore's doing.
    """
    kept = [row["line"] for row in await connection.fetch(KEPT)]
    told = list(checkpoint.lines(workload))
    if told[: len(kept)] != kept:
        raise Broken("checkpoints: file and table differ before the second")
    beyond = told[len(kept) :]
    if beyond:
        file = checkpoint.file_of(workload)
        _write(file.with_name(f"{workload}.given-up-{stamp}.jsonl"), beyond)
        _write(file, kept)
    return len(beyond)


def _write(file: os.PathLike[str], lines: list[str]) -> None:
    part = f"{os.fspath(file)}.part"
    with open(part, "w", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(part, file)
