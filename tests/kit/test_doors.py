"""Doors: mutual TLS on a real connection, renewal, probes beside it, names."""

import grpc
import pytest
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from kit import doors
from kit.embedded.apart import free_ports
from kit.settings import Settings, settings
from tests.certified import lay
from tests.sink import Authority

pytestmark = pytest.mark.enable_socket
SECONDS = 5.0


@pytest.fixture
def place(monkeypatch, tmp_path, authority):
    """A door on loopback that asks for certificates."""
    folder = lay(tmp_path / "tls", authority, "localhost")
    calls, health = free_ports(2)
    for name, value in {"LISTEN": f"localhost:{calls}", "HEALTH_LISTEN": f"localhost:{health}", "TLS": str(folder)}.items():  # fmt: skip
        monkeypatch.setenv(f"MINZHENG_{name}", value)
    settings.cache_clear()
    yield f"localhost:{calls}"
    settings.cache_clear()


@pytest.fixture
async def health(place):
    """A server behind it."""
    servicer, server = HealthServicer(), grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    doors.listen(server, "filing")
    await server.start()
    await servicer.set("", HealthCheckResponse.SERVING)
    yield servicer
    await server.stop(None)


async def ask(channel):
    """What the health service says."""
    async with channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = await stub.Check(HealthCheckRequest(), timeout=SECONDS)
        return answer.status


async def test_both_show_a_certificate_of_the_authority(place, health):
    assert await ask(doors.connect(place, ())) == HealthCheckResponse.SERVING


async def test_who_shows_none_is_refused(place, health, authority):
    known = grpc.ssl_channel_credentials(authority.file.read_bytes())
    for channel in (grpc.aio.secure_channel(place, known), grpc.aio.insecure_channel(place)):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await ask(channel)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE


async def test_who_is_of_another_authority_is_refused(place, health, authority, tmp_path):
    (tmp_path / "other").mkdir()
    folder = lay(tmp_path / "strange", Authority(tmp_path / "other"), "localhost")
    (folder / "ca.crt").write_bytes(authority.file.read_bytes())
    strange = grpc.ssl_channel_credentials(*doors.read(folder))
    with pytest.raises(grpc.aio.AioRpcError):
        await ask(grpc.aio.secure_channel(place, strange))


async def test_a_door_under_another_name_is_not_believed(place, health):
    with pytest.raises(grpc.aio.AioRpcError):
        await ask(doors.connect(place.replace("localhost", "127.0.0.1"), ()))


async def test_renewed_files_are_shown_to_the_next_connection(place, health, tmp_path):
    (tmp_path / "next").mkdir()
    before, following = doors.age(settings().tls), Authority(tmp_path / "next")
    assert await ask(doors.connect(place, ())) == HealthCheckResponse.SERVING
    lay(settings().tls, following, "localhost")
    assert doors.age(settings().tls) != before
    # Believed only if the door shows the new certificate too.
    assert await ask(doors.connect(place, ())) == HealthCheckResponse.SERVING


async def test_probes_are_answered_without_a_certificate(place, health):
    probes = await doors.answer_probes(health)
    channel = grpc.aio.insecure_channel(settings().health_listen)
    assert await ask(channel) == HealthCheckResponse.SERVING
    await probes.stop(None)


async def test_inside_a_machine_there_is_no_certificate(place, monkeypatch, tmp_path):
    monkeypatch.setattr(settings(), "listen", f"unix:{tmp_path}/door.sock")
    servicer, server = HealthServicer(), grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    doors.listen(server, "filing")
    await server.start()
    await servicer.set("", HealthCheckResponse.SERVING)
    assert await ask(doors.connect(settings().listen, ())) == HealthCheckResponse.SERVING
    await server.stop(None)


def test_names_are_hosts_where_an_address_asks_for_them():
    config = Settings(address="dns:///{host}.core:1")
    assert doors.address(config, "party_building") == "dns:///party-building.core:1"
    assert doors.address(Settings(address="unix:/x/{service}"), "party_building") == "unix:/x/party_building"  # fmt: skip
