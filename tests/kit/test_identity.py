"""Internal tokens: one service, sixty seconds, fresh ones bound to their call."""

import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from kit.errors import Refusal
from kit.identity import Caller, Minter, Verifier
from proto.gen.minzheng.common.v1.access_pb import Role

KEY = ECKey.generate_key("P-256")
WHO = Caller("account", Role.TOWN_LEAD, "post", "460106004000", "/46/", "", 3, "key")


def verifier(service: str = "filing") -> Verifier:
    public = KEY.as_dict(private=False) | {"kid": KEY.thumbprint(), "use": "sig"}
    return Verifier.from_json(service, json.dumps({"keys": [public]}))


def refused(token: str, service: str = "filing", body: bytes = b"", fresh: bool = False) -> bool:
    try:
        verifier(service).verify(token, path="/p", body=body, fresh=fresh)
    except Refusal as refusal:
        return refusal.code == "common.unauthenticated"
    return False


def test_the_caller_survives_the_way() -> None:
    token = Minter(KEY).mint(WHO, "filing")
    assert verifier().verify(token, path="/p", body=b"", fresh=False) == WHO


def test_a_token_serves_one_service() -> None:
    assert refused(Minter(KEY).mint(WHO, "funding"))


def test_a_fresh_action_needs_a_token_of_its_own_call() -> None:
    minter = Minter(KEY)
    assert refused(minter.mint(WHO, "filing"), fresh=True)
    bound = minter.mint(WHO, "filing", path="/p", body=b"body")
    assert not refused(bound, body=b"body", fresh=True)
    assert refused(bound, body=b"other", fresh=True)
    assert refused(minter.mint(WHO, "filing", path="/q", body=b"body"), body=b"body", fresh=True)


def test_a_token_is_reused_for_a_caller_and_service_only() -> None:
    minter = Minter(KEY)
    assert minter.mint(WHO, "filing") == minter.mint(WHO, "filing")
    assert minter.mint(WHO, "filing") != minter.mint(WHO, "funding")


@pytest.mark.parametrize(
    "change", [{"exp": int(time.time()) - 60}, {"iss": "x"}, {"role": 99}, {"sub": None}]
)
def test_other_claims_are_refused(change: dict[str, object]) -> None:
    good = Minter(KEY).mint(WHO, "filing")
    claims = jwt.decode(good, KEY).claims | change
    claims = {name: value for name, value in claims.items() if value is not None}
    forged = jwt.encode({"alg": "ES256", "kid": KEY.thumbprint()}, claims, KEY)
    assert refused(forged)


def test_foreign_keys_and_algorithms_are_refused() -> None:
    other = ECKey.generate_key("P-256")
    assert refused(Minter(other).mint(WHO, "filing"))
    assert refused("eyJhbGciOiJub25lIn0.e30.")
    assert refused("garbage")
