"""The letters of a case as the drive asks for them."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.demo.client import Person


async def checked(person: Callable[[str], Awaitable[Person]], filing_id: str) -> str:
    """Listed until they are printed, one read and checked by its code; answers its id."""
    resident = await person("resident.datong")
    path = f"/api/v1/filings/{filing_id}/letters"
    for _ in range(300):
        found = (await resident.get(path))["letters"]
        if all(letter["ready"] for letter in found):
            break
        await asyncio.sleep(0.1)
    letter_id, code = str(found[0]["letterId"]), found[0]["code"]
    headers = {"authorization": f"Bearer {resident.token}"}
    file = await resident.http.get(f"{path}/{letter_id}/file", headers=headers)
    assert file.headers["content-type"] == "application/pdf"
    await resident.get("/api/v1/documents:verify", code=code)
    return letter_id
