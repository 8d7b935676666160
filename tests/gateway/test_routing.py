"""The index finds what trying every route in order would have found."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Match, Route, Router

from gateway.routing import FOUND, Index, beginning

PATHS = (
    "/", "/a", "/a/", "/a/b", "/a/{one}", "/a/{one}:verb", "/a/b/{one}/c", "/a/b/c/d/e/f", "/a/b/c/d/{one}",
    "/{one}/b", "/a/b:verb", "/b/{rest:path}", "/a/{rest:path}",
)  # fmt: skip
WORDS = st.sampled_from(["", "a", "b", "c", "d", "e", "f", "b:verb", "x:verb", "x"])
REQUESTS = st.lists(WORDS, min_size=1, max_size=7).map(lambda words: "/" + "/".join(words))


async def answer(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.url.path)


def by_trying(routes: list[Route], scope: dict[str, str]) -> tuple[Match, Route | None]:
    found = [(route.matches(scope)[0], route) for route in routes]
    for wanted in (Match.FULL, Match.PARTIAL):
        for match, route in found:
            if match is wanted:
                return match, route
    return Match.NONE, None


@given(
    st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(["GET", "POST"])), max_size=13),
    st.lists(REQUESTS, min_size=1, max_size=20),
)
def test_it_finds_what_trying_all_would_find(
    made: list[tuple[str, str]], requests: list[str]
) -> None:
    routes = [Route(path, answer, methods=[method]) for path, method in made]
    index = Index(routes)
    for path in requests:
        scope = {"type": "http", "method": "GET", "path": path}
        match, told = index.matches(scope)
        assert (match, told.get(FOUND)) == by_trying(routes, scope)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", ("",)),
        ("/api/v1/filings", ("api", "v1", "filings")),
        ("/api/v1/filings/{id}:submit", ("api", "v1", "filings")),
        ("/api/v1/documents:verify", ("api", "v1", "documents:verify")),
        ("/a/b{one}/c", ("a",)),
        ("/a/b/c/d/e", ("a", "b", "c", "d")),
    ],
)
def test_the_words_before_the_first_variable(path: str, words: tuple[str, ...]) -> None:
    assert beginning(path) == words


async def test_the_route_found_answers_and_another_method_is_refused() -> None:
    transport = httpx.ASGITransport(Router([Index([Route("/a/{one}", answer)])]))
    async with httpx.AsyncClient(transport=transport, base_url="http://index") as http:
        assert (await http.get("/a/x")).text == "/a/x"
        assert [(await http.post("/a/x")).status_code, (await http.get("/b")).status_code] == [405, 404]  # fmt: skip
