"""Cells and blind indexes: bound to their place, rotated by key id, masked for readers."""

import pytest
from cryptography.exceptions import InvalidTag

from kit.secrets import Keyring, mask_id, mask_name, mask_phone

OLD = Keyring({1: b"1" * 32}, {1: b"i" * 32}, {1: b"a" * 32})
NEW = Keyring({1: b"1" * 32, 2: b"2" * 32}, {1: b"i" * 32}, {1: b"a" * 32})


def test_a_cell_opens_only_at_its_place() -> None:
    cell = OLD.encrypt("12000001234", "contact.phone:a")
    assert OLD.decrypt(cell, "contact.phone:a") == "12000001234"
    assert b"12000001234" not in cell
    with pytest.raises(InvalidTag):
        OLD.decrypt(cell, "contact.phone:b")


def test_the_newest_key_encrypts_and_old_cells_stay_readable() -> None:
    cell = OLD.encrypt("x", "p")
    assert NEW.decrypt(cell, "p") == "x"
    assert NEW.encrypt("x", "p")[1] == 2


def test_a_changed_cell_is_noticed() -> None:
    cell = bytearray(OLD.encrypt("x", "p"))
    cell[-1] ^= 1
    with pytest.raises(InvalidTag):
        OLD.decrypt(bytes(cell), "p")


def test_blind_indexes_match_within_their_kind() -> None:
    assert OLD.blind("a", "person") == NEW.blind("a", "person")
    assert OLD.blind("a", "person") != OLD.blind("a", "phone")


def test_masks() -> None:
    assert mask_name("符小梅") == "符**"
    assert mask_phone("12000001234") == "120****1234"
    assert mask_id("46990019800101001X") == "4" + "*" * 16 + "X"
    assert (mask_name(""), mask_phone("12"), mask_id("1")) == ("", "**", "*")
