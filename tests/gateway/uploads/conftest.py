"""Files on a real database and a store in memory."""

from typing import Any

import httpx
import pytest
from obstore.store import MemoryStore
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.problems import HANDLERS
from gateway.uploads.download import Downloads
from gateway.uploads.files import Files
from kit.settings import settings
from tests.conftest import Workload
from tests.gateway.uploads.keeping import KEYRING, account


@pytest.fixture
async def files(workload: Workload) -> Files:
    return Files(await workload("gateway"), MemoryStore(), KEYRING)


@pytest.fixture
async def sql(files: Files) -> Any:
    """Statements past row security: as a superuser of the test's server."""
    from kit.embedded.roles import superuser

    connection = await superuser(settings().database("gateway"), settings())
    yield connection
    await connection.close()


@pytest.fixture
async def http(files: Files) -> Any:
    routes = [Route("/api/v1/files/{file_id}", Downloads(account, files))]
    app = Starlette(routes=routes, exception_handlers=HANDLERS)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client
