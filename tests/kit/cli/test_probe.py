"""`minzheng probe`: what a container's health check asks."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_health.v1.health_pb2 import HealthCheckResponse

from kit.cli.probe import serves
from kit.settings import settings


@pytest.fixture
async def health(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HealthServicer]:
    """The health service of a workload that listens on a socket of its own."""
    address = f"unix:{tmp_path}/x.sock"
    monkeypatch.setattr(settings(), "address", address)
    server, found = grpc.aio.server(), HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(found, server)
    server.add_insecure_port(address)
    await server.start()
    yield found
    await server.stop(None)


async def test_a_workload_is_ready_drains_or_is_away(health: HealthServicer) -> None:
    assert not await asyncio.to_thread(serves, "filing")
    await health.set("readiness", HealthCheckResponse.SERVING)
    assert await asyncio.to_thread(serves, "filing")
    await health.set("readiness", HealthCheckResponse.NOT_SERVING)
    assert not await asyncio.to_thread(serves, "filing")


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "address", f"unix:{tmp_path}/none.sock")
    assert not serves("filing")
