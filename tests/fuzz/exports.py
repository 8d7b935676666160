"""Exports as the drive asks for them."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.demo.client import Person
from kit.ids import uuid7

People = Callable[[str], Awaitable[Person]]
PATH = "/api/v1/filing-exports"


async def made(person: People) -> str:
    """One made and taken, one cancelled; answers the id of the first."""
    clerk = await person("clerk.datong")
    export_id = await _started(clerk)
    for _ in range(300):
        export = (await clerk.get(f"{PATH}/{export_id}"))["export"]
        if export["state"] == "EXPORT_STATE_DONE":
            break
        await asyncio.sleep(0.1)
    headers = {"authorization": f"Bearer {clerk.token}"}
    file = await clerk.http.get(f"{PATH}/{export_id}/file", headers=headers)
    assert file.headers["content-type"].startswith("text/csv")
    await clerk.get(PATH)
    await _cancelled(clerk)
    return export_id


async def _started(clerk: Person) -> str:
    export_id = str(uuid7())
    await clerk.post(PATH, {"exportId": export_id, "format": "EXPORT_FORMAT_CSV"})
    return export_id


async def _cancelled(clerk: Person) -> None:
    """Asked for and called off before it was made, at the latest at the twentieth try."""
    for _ in range(20):
        path = f"{PATH}/{await _started(clerk)}:cancel"
        headers = {"authorization": f"Bearer {clerk.token}", "idempotency-key": str(uuid7())}
        answer = await clerk.http.post(path, json={}, headers=headers)
        if answer.is_success:
            return
    raise AssertionError("every export was made before it could be cancelled")
