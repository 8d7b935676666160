"""Sixty token mutants of the embedded issuer's own key at every route: none is let in (G21)."""

from pathlib import Path

import httpx
import pytest

from kit.embedded.issuer.tokens import signing_key
from tests.gateway.caller.conftest import Issuer
from tests.gateway.caller.mutants import let_in, mutants
from tests.gateway.session.conftest import GATEWAY, ISSUER, RESIDENT, World
from tests.gateway.session.routing import Call, calls
from tests.gateway.session.test_sign_on import MINE


@pytest.fixture
def signing(world: World, tmp_path: Path) -> Issuer:
    """Whoever holds the key of the issuer."""
    key = signing_key(tmp_path)
    named = type(key).import_key(key.as_dict(private=True) | {"kid": key.thumbprint()})
    return Issuer(f"{ISSUER}/realms/minzheng", named, subject=world.account(RESIDENT))


async def test_no_mutant_is_let_in_at_any_route(world: World, signing: Issuer) -> None:
    async with httpx.AsyncClient(transport=world.net, base_url=GATEWAY) as http:
        assert await let_in(http, [signing.sign()], [Call("GET", MINE)]), "control: the good one is"
        world.services.calls.clear()
        known = mutants(signing)
        assert len(known) >= 60
        assert await let_in(http, list(known.values()), list(calls())) == []
    assert world.services.calls == []
