"""Cells and blind indexes: bound to their place, rotated by key id, masked for readers."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from kit.embedded.secrets import destroy_key, make_key, make_secrets, use_key
from kit.masks import mask_id, mask_name, mask_phone
from kit.secrets import Keyring
from kit.settings import Settings

OLD = Keyring({1: b"1" * 32}, {1: b"i" * 32}, {1: b"a" * 32})
NEW = Keyring({1: b"1" * 32, 2: b"2" * 32}, {1: b"i" * 32, 2: b"j" * 32}, {1: b"a" * 32})
USED = replace(NEW, in_use={"field": 2, "index": 2})


def test_a_cell_opens_only_at_its_place() -> None:
    cell = OLD.encrypt("12000001234", "contact.phone:a")
    assert OLD.decrypt(cell, "contact.phone:a") == "12000001234"
    assert b"12000001234" not in cell
    with pytest.raises(InvalidTag):
        OLD.decrypt(cell, "contact.phone:b")


def test_a_new_key_encrypts_once_it_is_in_use_and_old_cells_stay_readable() -> None:
    cell = OLD.encrypt("x", "p")
    assert NEW.decrypt(cell, "p") == USED.decrypt(cell, "p") == "x"
    assert [ring.encrypt("x", "p")[1] for ring in (OLD, NEW, USED)] == [1, 1, 2]


def test_a_key_named_but_not_here_yet_is_not_used() -> None:
    assert replace(OLD, in_use={"field": 2}).encrypt("x", "p")[1] == 1


def test_a_digest_is_known_under_the_key_it_was_made_with() -> None:
    old, new = OLD.digest(b"x"), USED.digest(b"x")
    assert (old[0], new[0]) == (1, 2)
    assert USED.is_digest(b"x", old)
    assert USED.is_digest(b"x", new)
    assert not USED.is_digest(b"y", old)
    assert not USED.is_digest(b"x", bytes((2,)) + old[1:])


def test_a_changed_cell_is_noticed() -> None:
    cell = bytearray(OLD.encrypt("x", "p"))
    cell[-1] ^= 1
    with pytest.raises(InvalidTag):
        OLD.decrypt(bytes(cell), "p")


def test_blind_indexes_match_within_their_kind() -> None:
    assert OLD.blind("a", "person") == OLD.blind("a", "person") != OLD.blind("b", "person")
    assert not {*OLD.blind("a", "person")} & {*OLD.blind("a", "phone")}
    assert {*OLD.blind("a", "person")} < {*NEW.blind("a", "person")}, "also while a key is changed"


def write(folder: Path, **files: bytes) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def test_keys_are_picked_up_forgotten_and_kept_when_they_cannot_be_read(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    keyring = Keyring.load(Settings(secrets=tmp_path))
    cell = keyring.encrypt("x", "p")
    make_key(tmp_path, "field", 2)
    other = Keyring.load(Settings(secrets=tmp_path))
    use_key(tmp_path, "field", 2)
    other.refresh()
    assert keyring.decrypt(other.encrypt("y", "p"), "p") == "y", "an id never seen is looked up"
    assert keyring.encrypt("z", "p")[1] == 2
    write(tmp_path, field_key_3=b"c2hvcnQ=")
    keyring.refresh()
    assert sorted(keyring.fields) == [1, 2], "half a key is none, the others stay"
    (tmp_path / "field_key_3").unlink()
    destroy_key(tmp_path, "field", 1)
    keyring.refresh()
    with pytest.raises(KeyError):
        keyring.decrypt(cell, "p")


def test_masks() -> None:
    assert mask_name("符小梅") == "符**"
    assert mask_phone("12000001234") == "120****1234"
    assert mask_id("46990019800101001X") == "4" + "*" * 16 + "X"
    assert (mask_name(""), mask_phone("12"), mask_id("1")) == ("", "**", "*")
