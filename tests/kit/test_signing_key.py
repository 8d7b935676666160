"""The key of internal tokens changed: new ones are taken, old ones as long as their key is kept."""

from pathlib import Path

import pytest

from kit.embedded.secrets import make_secrets, retire_signing, rotate_signing
from kit.errors import Refusal
from kit.identity import Caller, Minter, Verifier
from proto.gen.minzheng.common.v1.access_pb import Role

WHO = Caller("somebody", Role.RESIDENT)


def minted(folder: Path) -> str:
    """A token of the gateway as it starts now."""
    pem = (folder / "internal_key.pem").read_text()
    return Minter.from_pem(pem).mint(WHO, "filing")


def taken(folder: Path, token: str) -> bool:
    """A service that starts now takes the token."""
    verifier = Verifier.from_json("filing", (folder / "internal_keys.json").read_text())
    try:
        return verifier.verify(token, path="", body=None, fresh=False) == WHO
    except Refusal:
        return False


@pytest.mark.parametrize("keep", [True, False])
def test_the_old_key_counts_as_long_as_it_is_kept(tmp_path: Path, keep: bool) -> None:
    make_secrets(tmp_path)
    before = minted(tmp_path)
    name = rotate_signing(tmp_path, keep=keep)
    after = minted(tmp_path)
    assert taken(tmp_path, after)
    assert taken(tmp_path, before) is keep
    assert retire_signing(tmp_path) == int(keep)
    assert (taken(tmp_path, after), taken(tmp_path, before)) == (True, False)
    assert name in (tmp_path / "internal_keys.json").read_text()
    assert (tmp_path / "internal_key.pem").stat().st_mode & 0o777 == 0o600
