"""`minzheng probe`: whether a process of ours serves, as a container's health check asks."""

import grpc
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from kit.doors import address
from kit.embedded import running
from kit.embedded.look import answers_well
from kit.settings import settings

SECONDS = 5.0


def serves(name: str) -> bool:
    """The workload says that it is ready; False also where nobody answers."""
    return _gateway() if name == "gateway" else _service(name)


def _gateway() -> bool:
    url = f"http://127.0.0.1:{settings().http_port}/health/readiness"
    return answers_well(url, SECONDS)


def _service(name: str) -> bool:
    with grpc.insecure_channel(_place(name), options=(("grpc.enable_http_proxy", 0),)) as channel:
        ask = health_pb2_grpc.HealthStub(channel).Check
        try:
            answer = ask(HealthCheckRequest(service="readiness"), timeout=SECONDS)
        except grpc.RpcError:
            return False
    return bool(answer.status == HealthCheckResponse.SERVING)


def _place(name: str) -> str:
    """Where it listens: in a one-command run as `minzheng up` has decided, else as the settings say."""
    config = settings()
    if running.state_of_run() and "address" not in config.model_fields_set:
        config = config.model_copy(update={"address": running.address(config)})
    return address(config, name)
