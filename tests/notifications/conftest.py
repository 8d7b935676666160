"""The notifications service on its database, called as the door calls it."""

import pytest

from kit.database import Database
from kit.outbox import Doorbell
from kit.secrets import Keyring
from kit.unit import Unit
from services.notifications.rpc.messages import NotificationsRpc
from services.notifications.store.contacts import Contacts
from services.notifications.store.messages import Messages
from tests.conftest import Workload

KEYRING = Keyring({1: b"f" * 32}, {1: b"i" * 32}, {1: b"a" * 32})


@pytest.fixture
async def database(workload: Workload) -> Database:
    """The service's database, empty."""
    return await workload("notifications")


@pytest.fixture
def rpc(database: Database) -> NotificationsRpc:
    """The servicer; tests bind the caller with `callers.act`."""
    unit = Unit(database, Doorbell(), KEYRING)
    return NotificationsRpc(Messages(database, unit), Contacts(database, unit, KEYRING), unit)
