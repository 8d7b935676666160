"""Receipts: forged, foreign, old and mistaken ones."""

import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from kit import receipts
from kit.errors import Refusal
from kit.identity import Caller, Minter, Verifier
from kit.receipts import Receipt, sign_receipt, verify_receipt
from proto.gen.minzheng.common.v1.access_pb import Role

KEY = ECKey.generate_key("P-256")
KEYS = KeySet([KEY])
RECEIPT = Receipt("id", "ab" * 32, "application/pdf", 12, "account")


def test_there_and_back():
    assert verify_receipt(sign_receipt(KEY, RECEIPT), KEYS) == RECEIPT


def claims(**change):
    token = jwt.decode(sign_receipt(KEY, RECEIPT), KEYS, algorithms=["ES256"])
    return {**token.claims, **change}


def signed(stated, key=KEY, **header):
    return jwt.encode(
        {"alg": "ES256", "kid": KEY.thumbprint(), "typ": "receipt", **header}, stated, key
    )


def test_the_mutants_below_differ_only_in_their_fault():
    assert verify_receipt(signed(claims()), KEYS) == RECEIPT


def without(name):
    return {key: value for key, value in claims().items() if key != name}


FORGED = {
    "text": lambda: "x.y.z",
    "empty": lambda: "",
    "other key": lambda: signed(claims(), ECKey.generate_key("P-256")),
    "symmetric": lambda: jwt.encode(
        {"alg": "HS256", "typ": "receipt"}, claims(), OctKey.generate_key(256)
    ),
    "other type": lambda: signed(claims(), typ="JWT"),
    "other issuer": lambda: signed(claims(iss="x")),
    "old": lambda: signed(claims(iat=time.time() - receipts.LIFETIME - 1)),
    "future": lambda: signed(claims(iat=time.time() + 60)),
    "no hash": lambda: signed(without("sha256")),
    "no time": lambda: signed(without("iat")),
    "time in words": lambda: signed(claims(iat="now")),
    "changed": lambda: sign_receipt(KEY, RECEIPT)[:-4] + "AAAA",
    "internal token": lambda: Minter(KEY).mint(Caller("a", Role.RESIDENT), "filing"),
}


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED.keys())
def test_refused(make):
    with pytest.raises(Refusal) as refused:
        verify_receipt(make(), KEYS)
    assert refused.value.code == "upload.receipt_invalid"


def test_a_receipt_is_no_internal_token():
    with pytest.raises(Refusal):
        Verifier("filing", KEYS).verify(
            sign_receipt(KEY, RECEIPT), path="/x", body=None, fresh=False
        )
