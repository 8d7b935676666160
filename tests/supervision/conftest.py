"""The supervision service on its database, empty."""

import pytest

from tests.conftest import Workload
from tests.supervision.service import Supervision


@pytest.fixture
async def supervision(workload: Workload) -> Supervision:
    """The service; nothing has happened yet."""
    return Supervision(await workload("supervision"))
