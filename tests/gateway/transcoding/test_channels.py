"""One channel per workload, one callable per RPC, the trace goes along."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from gateway.channels import DEADLINE, Channels
from gateway.problems import NOT_FOUND
from kit.contracts import rpc_by_path
from proto.gen.minzheng.filing.v1 import filing_pb as filing

GET = rpc_by_path()["/minzheng.filing.v1.FilingService/GetFiling"]
LIST = rpc_by_path()["/minzheng.filing.v1.FilingService/ListFilings"]
MESSAGES = rpc_by_path()["/minzheng.notifications.v1.NotificationsService/ListMessages"]


class FakeChannel:
    def __init__(self, workload):
        self.workload, self.made, self.calls, self.closed = workload, [], [], False

    def unary_unary(self, path, *, request_serializer, response_deserializer):
        self.made.append(path)

        async def method(wire, **sent):
            self.calls.append((path, wire, sent["timeout"], sent["metadata"]))
            return response_deserializer(b"")

        return method

    async def close(self):
        self.closed = True


@pytest.fixture
def made():
    return []


@pytest.fixture
def channels(made):
    def connect(workload):
        made.append(FakeChannel(workload))
        return made[-1]

    return Channels(connect)


async def test_channels_and_methods_are_kept(channels, made):
    for rpc in (GET, GET, LIST, MESSAGES):
        answer = await channels.call(rpc, b"", [])
        assert isinstance(answer, rpc.response)
    assert [channel.workload for channel in made] == ["filing", "notifications"]
    assert made[0].made == [GET.path, LIST.path]


async def test_a_call_has_bytes_deadline_and_trace(channels, made):
    wire = filing.GetFilingRequest(filing_id="x").to_binary()
    with TracerProvider().get_tracer("test").start_as_current_span("call") as span:
        await channels.call(GET, wire, [("authorization", "Bearer x")])
    _path, sent, timeout, metadata = made[0].calls[0]
    assert (sent, timeout) == (wire, DEADLINE)
    told = dict(metadata)
    assert told["authorization"] == "Bearer x"
    assert f"{span.get_span_context().trace_id:032x}" in told["traceparent"]


async def test_close(channels, made):
    await channels.call(GET, b"", [])
    await channels.close()
    assert made[0].closed
    await channels.call(GET, b"", [])
    assert len(made) == 2


def test_a_problem_names_the_trace():
    with TracerProvider().get_tracer("test").start_as_current_span("call"):
        span = trace.get_current_span().get_span_context()
        assert f"{span.trace_id:032x}" in NOT_FOUND.response().body.decode()
