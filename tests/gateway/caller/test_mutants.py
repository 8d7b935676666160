"""Sixty token mutants at every route: none is let in."""

from itertools import cycle, islice

import httpx
import pytest
from joserfc.jwk import ECKey
from obstore.store import MemoryStore
from starlette.requests import Request
from starlette.routing import Route

from gateway.application import application
from gateway.caller import SignedCaller
from gateway.health import Health
from gateway.uploads.download import Downloads
from gateway.uploads.files import Files
from gateway.uploads.route import Uploads
from gateway.uploads.scanner import Scan
from kit.contracts import rpcs
from kit.errors import Kind, Refusal
from kit.identity import Minter
from tests.gateway.caller.mutants import mutants
from tests.gateway.caller.test_choice import Held
from tests.gateway.session.routing import calls


class Services:
    """Nobody may get here."""

    reached = 0

    async def call(self, rpc, wire, metadata):
        self.reached += 1
        return rpc.response()


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def caller(tokens, held) -> SignedCaller:
    return SignedCaller(tokens, held, Minter(ECKey.generate_key("P-256")))


def bearing(token: str) -> Request:
    pairs = [(b"authorization", f"Bearer {token}".encode())]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": pairs})


async def test_no_mutant_is_anybody_to_any_operation(issuer, caller, held) -> None:
    """Public operations too: who shows a false token is refused, not taken for a stranger."""
    known = mutants(issuer)
    for token in known.values():
        for rpc in rpcs():
            with pytest.raises(Refusal) as refusal:
                await caller.who(bearing(token), rpc)
            assert refusal.value.kind is Kind.UNAUTHENTICATED
    assert len(known) >= 60
    assert held.reads == 0


async def test_no_mutant_passes_any_route(issuer, caller, scan) -> None:
    """Over HTTP: every route with some of them, every one at some routes."""
    services, files = Services(), Files(None, MemoryStore())
    known = cycle(mutants(issuer).items())
    key = ECKey.generate_key("P-256")
    routes = [
        Route("/api/v1/uploads", Uploads(caller.account, files, key, scan)),
        Route("/api/v1/files/{file_id}", Downloads(caller.account, files)),
    ]
    app = application(caller, services, Health(lambda: None), routes)
    accepted, count = [], 0
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://gateway"
    ) as http:
        for call in calls():
            for name, token in islice(known, 9):
                headers = {
                    "authorization": f"Bearer {token}", "content-type": call.media_type,
                    "idempotency-key": "018f3c5e-7b1a-7c3d-9e2f-0123456789ab",
                }  # fmt: skip
                answer = await http.request(
                    call.method, call.path, content=call.content, headers=headers
                )
                count += 1
                if answer.status_code not in (400, 401, 404, 422):
                    accepted.append((call.path, name, answer.status_code))
    assert accepted == []
    assert services.reached == 0
    assert count == len(list(calls())) * 9


async def test_the_right_token_passes(issuer, caller) -> None:
    """Control: what the mutants are made of is good."""
    assert await caller.account(bearing(issuer.sign())) == "anna"


@pytest.fixture
def scan() -> Scan:
    async def nothing(_content) -> None:
        return None

    return nothing
