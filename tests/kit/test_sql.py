"""Names to positions."""

import pytest

from kit.sql import bind


def test_a_name_gets_one_position() -> None:
    text, arguments = bind("SELECT :a, :b::jsonb, :a WHERE x::text = 'y'", {"a": 1, "b": 2, "c": 3})
    assert text == "SELECT $1, $2::jsonb, $1 WHERE x::text = 'y'"
    assert arguments == [1, 2]


def test_a_missing_value_is_named() -> None:
    with pytest.raises(KeyError, match="b"):
        bind("SELECT :b", {"a": 1})
