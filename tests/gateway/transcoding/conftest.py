"""The REST door over a fake service: no socket, no token."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from protobuf import Message
from starlette.applications import Starlette

from gateway.problems import HANDLERS
from gateway.transcoding.routes import api_routes
from kit.contracts import Rpc


@dataclass
class Services:
    """Records what a service would be asked; answers or raises what the test lays down."""

    answer: Message | Exception | None = None
    asked: list[tuple[Rpc, Message]] = field(default_factory=list)
    metadata_sent: list[tuple[str, str]] = field(default_factory=list)
    refusal: Exception | None = None
    minted: list[bool] = field(default_factory=list)
    """Of every token whether it was made anew."""

    async def call(self, rpc, wire, metadata):
        self.asked.append((rpc, rpc.request.from_binary(wire)))
        self.metadata_sent = list(metadata)
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, list):
            raise self.answer.pop(0) if len(self.answer) > 1 else self.answer[0]
        return self.answer if self.answer is not None else rpc.response()

    async def metadata(self, request, rpc, body, *, anew=False):
        self.minted.append(anew)
        if self.refusal:
            raise self.refusal
        return [("authorization", f"Bearer {rpc.name}:{len(body)}")]

    @property
    def last(self) -> Message:
        """The request of the last call."""
        return self.asked[-1][1]


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
async def api(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=api_routes(services, services), exception_handlers=HANDLERS)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


@pytest.fixture
def problem_of():
    """Checks the form every refusal has and returns it."""

    def read(response: httpx.Response, status: int, code: str) -> dict:
        assert response.headers["content-type"] == "application/problem+json"
        told = response.json()
        assert (response.status_code, told["status"], told["code"]) == (status, status, code), told
        assert told["type"] == f"/api/problems#{code}"
        assert told["title"]
        assert told["detail"]
        assert "traceId" in told
        return told

    return read
