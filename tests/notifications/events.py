"""Facts brought to the reactions, in a transaction as the intake does it."""

from typing import Any
from uuid import UUID, uuid4

from kit.database import Database
from services.notifications.reactions import notify
from tests.notifications.builders import event, fact


async def happen(database: Database, name: str, event_id: UUID | None = None, **said: Any) -> None:
    """A fact of filing reaches the service."""
    async with database.transaction() as connection:
        await notify(connection, fact(name, **said), event(event_id or uuid4()))
