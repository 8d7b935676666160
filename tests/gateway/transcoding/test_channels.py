"""One channel per workload on which calls are carried; the trace goes along."""

import asyncio

import grpc
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from gateway.channels import DEADLINE, Channels
from gateway.problems import NOT_FOUND
from kit.carrier.bundle import HELLO
from kit.contracts import rpc_by_path
from proto.gen.minzheng.common.v1.carrier_pb import AnswerBundle, CallBundle, CarriedAnswer
from proto.gen.minzheng.filing.v1 import filing_pb as filing

GET = rpc_by_path()["/minzheng.filing.v1.FilingService/GetFiling"]
LIST = rpc_by_path()["/minzheng.filing.v1.FilingService/ListFilings"]
MESSAGES = rpc_by_path()["/minzheng.notifications.v1.NotificationsService/ListMessages"]


class FakeStream:
    """Answers every call with nothing and remembers it."""

    def __init__(self):
        self.calls, self.answers = [], asyncio.Queue()

    async def initial_metadata(self):
        return (HELLO,)

    async def write(self, wire):
        calls = CallBundle.from_binary(wire).calls
        self.calls += calls
        told = [CarriedAnswer(number=call.number) for call in calls]
        self.answers.put_nowait(AnswerBundle(answers=told).to_binary())

    async def read(self):
        return await self.answers.get()

    def cancel(self):
        self.answers.put_nowait(grpc.aio.EOF)


class FakeChannel:
    def __init__(self, workload):
        self.workload, self.made, self.closed = workload, [], False

    def stream_stream(self, path):
        def begin():
            self.made.append(FakeStream())
            return self.made[-1]

        return begin

    async def close(self):
        self.closed = True


@pytest.fixture
def made():
    return []


@pytest.fixture
async def channels(made):
    def connect(workload):
        made.append(FakeChannel(workload))
        return made[-1]

    opened = Channels(connect)
    yield opened
    await opened.close()


async def test_channels_and_streams_are_kept(channels, made):
    for rpc in (GET, GET, LIST, MESSAGES):
        answer = await channels.call(rpc, b"", [])
        assert isinstance(answer, rpc.response)
    assert [channel.workload for channel in made] == ["filing", "notifications"]
    assert [call.path for call in made[0].made[0].calls] == [GET.path, GET.path, LIST.path]
    assert [len(channel.made) for channel in made] == [1, 1]


async def test_a_call_has_bytes_deadline_and_trace(channels, made):
    wire = filing.GetFilingRequest(filing_id="x").to_binary()
    with TracerProvider().get_tracer("test").start_as_current_span("call") as span:
        await channels.call(GET, wire, [("authorization", "Bearer x")])
    (sent,) = made[0].made[0].calls
    assert sent.body == wire
    assert DEADLINE * 900 < sent.deadline_ms <= DEADLINE * 1000
    assert sent.headers["authorization"] == "Bearer x"
    assert f"{span.get_span_context().trace_id:032x}" in sent.headers["traceparent"]


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


async def test_a_renewed_certificate_is_shown_by_new_channels(channels, made, monkeypatch):
    ages = iter([1, 1, 2])
    monkeypatch.setattr("gateway.channels.doors.age", lambda _: next(ages))
    monkeypatch.setattr("gateway.channels.DEADLINE", 0.05)
    for _ in range(3):
        await channels.call(GET, b"", [])
    assert len(made) == 2
    assert not made[0].closed
    await asyncio.sleep(0.2)
    assert (made[0].closed, made[1].closed) == (True, False)
