"""Sixty token mutants at every operation: none is let in."""

import pytest
from joserfc.jwk import ECKey
from starlette.requests import Request

from gateway.caller import SignedCaller
from kit.contracts import rpcs
from kit.errors import Kind, Refusal
from kit.identity import Minter
from tests.gateway.caller.mutants import mutants
from tests.gateway.caller.test_choice import Held


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


async def test_the_right_token_passes(issuer, caller) -> None:
    """Control: what the mutants are made of is good."""
    assert await caller.account(bearing(issuer.sign())) == "anna"
