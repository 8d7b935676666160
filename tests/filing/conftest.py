"""The filing service on its database."""

import pytest

from tests.conftest import Workload
from tests.filing.service import Filing


@pytest.fixture
async def filing(workload: Workload) -> Filing:
    """The service, with an empty database."""
    return Filing(await workload("filing"))
