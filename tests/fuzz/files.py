"""A file as the drive sends it, and reads it back."""

from collections.abc import Awaitable, Callable

from gateway.demo.client import Person
from kit.ids import uuid7
from tests.stories.people import PDF


async def read_back(person: Callable[[str], Awaitable[Person]]) -> str:
    """One file uploaded and read back; answers its id."""
    resident = await person("resident.datong")
    headers = {"authorization": f"Bearer {resident.token}"}
    sent = headers | {"content-type": "application/pdf", "idempotency-key": str(uuid7())}
    stored = await resident.http.post("/api/v1/uploads", content=PDF, headers=sent)
    file_id = str(stored.json()["fileId"])
    answer = await resident.http.get(f"/api/v1/files/{file_id}", headers=headers)
    assert answer.content == PDF
    return file_id
