"""Page tokens: what was encoded comes back, everything else is refused as malformed."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import Kind, Refusal
from kit.paging import decode, encode

KEY = UUID("019a0000-0000-7000-8000-000000000001")
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))
SCALARS = st.one_of(TEXTS, st.integers(-(2**63), 2**63))


def raw(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@given(st.lists(SCALARS, min_size=1, max_size=4))
def test_a_key_comes_back_as_it_went(values: list[str | int]) -> None:
    token = encode(*values)
    assert decode(token) == tuple(values)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_parsers_shape_the_key() -> None:
    assert decode(encode(str(KEY), 7), UUID, int) == (KEY, 7)


@pytest.mark.parametrize(
    "token",
    [
        "*", "é", "a", "AAAA", raw("[]"), raw("{}"), raw("[null]"), raw("[true]"), raw("[1.5]"),
        raw('["\\u0000"]'), raw("[["), raw("7"), raw("null"), raw("[" * 5000), raw("[1]") + "!",
    ],
)  # fmt: skip
def test_anything_else_is_malformed(token: str) -> None:
    with pytest.raises(Refusal) as caught:
        decode(token)
    assert (caught.value.kind, caught.value.code) == (Kind.MALFORMED, "common.page_token")


@pytest.mark.parametrize("token", [encode("no uuid"), encode(5), encode(str(KEY), "more")])
def test_a_key_of_another_list_is_malformed(token: str) -> None:
    with pytest.raises(Refusal):
        decode(token, UUID)
