"""Doors of a workload: where it listens for calls and for probes, where others reach it.

Between machines calls are mutual TLS (`tls`): both sides show a certificate of the platform's own
authority. Renewed files are taken up by the next connection. Who may call what is not decided
here but by the token of the call.
"""

from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1._async import HealthServicer

from kit.settings import Settings, settings

UNIX = "unix:"
"""Begins an address inside this machine: no TLS there."""


def host(name: str) -> str:
    """A workload's name as host names and Kubernetes allow it."""
    return name.replace("_", "-")


def address(config: Settings, name: str) -> str:
    """Where a workload is reached."""
    return config.address.format(service=name, host=host(name))


def listen(server: grpc.aio.Server, name: str) -> None:
    """Open the door for calls. OSError where a file of `tls` cannot be read."""
    config = settings()
    place = config.listen or address(config, name)
    if config.tls is None or place.startswith(UNIX):
        server.add_insecure_port(place)
    else:
        server.add_secure_port(place, _credentials(config.tls))


def _credentials(folder: Path) -> grpc.ServerCredentials:
    """Certificates that are read again for a new connection where the files have changed."""
    seen = shown(folder)

    def renewed() -> grpc.ServerCertificateConfiguration | None:
        nonlocal seen
        try:
            now = shown(folder)
        except OSError:
            return None
        if now == seen:
            return None
        seen = now
        return _configuration(now)

    return grpc.dynamic_ssl_server_credentials(
        _configuration(seen), renewed, require_client_authentication=True
    )


def _configuration(files: tuple[bytes, bytes, bytes]) -> grpc.ServerCertificateConfiguration:
    authority, key, chain = files
    return grpc.ssl_server_certificate_configuration(((key, chain),), authority)


def shown(folder: Path) -> tuple[bytes, bytes, bytes]:
    """Authority, key and certificate of this process, as cert-manager names the files."""
    authority, key, chain = (folder / name for name in ("ca.crt", "tls.key", "tls.crt"))
    return authority.read_bytes(), key.read_bytes(), chain.read_bytes()


async def answer_probes(health: HealthServicer) -> grpc.aio.Server | None:
    """A second server with nothing but the health service, where the settings ask for one."""
    if not settings().health_listen:
        return None
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    server.add_insecure_port(settings().health_listen)
    await server.start()
    return server
