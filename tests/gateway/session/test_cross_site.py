"""What changes something is sent by a page of ours with the value of its session, or refused: every route."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.routing import Route

from gateway.session.sessions import HEADER
from gateway.transcoding.binding import compile_operation
from kit.contracts import rpcs
from kit.errors import Kind, Refusal
from kit.ids import uuid7
from tests.gateway.session.conftest import (
    CLERK,
    GATEWAY,
    ONE,
    OWN_PAGE,
    STREET,
    Browser,
    World,
)
from tests.gateway.session.routing import Call, calls

EVIL = "https://evil.example"
"""Where a foreign page lies."""
UNSAFE = [call for call in calls() if call.method != "GET"]
WAYS = {
    "nothing": {},
    "a foreign origin": {"origin": EVIL},
    "no origin at all": {"origin": "null"},
    "another site": {"sec-fetch-site": "cross-site", "origin": EVIL},
    "a neighbor": {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:9000"},
    "typed in": {"sec-fetch-site": "none"},
    "a lying origin": {"sec-fetch-site": "cross-site", "origin": GATEWAY},
}


@pytest.fixture
async def signed_in(world: World, browser: Browser) -> Browser:
    """A clerk's browser."""
    await world.hold(world.account(CLERK), "TOWN_CLERK", STREET, ONE)
    await browser.sign_in(CLERK)
    return browser


def bodies(call: Call) -> Iterator[tuple[str, dict[str, Any]]]:
    """The same call as JSON, as a form and as text: browsers send the last two across sites unasked."""
    yield "json", {"content": call.content, "headers": {"content-type": call.media_type}}
    yield "form", {"data": {"a": "b"}, "headers": {}}
    yield "text", {"content": call.content, "headers": {"content-type": "text/plain"}}


async def send(browser: Browser, call: Call, body: Any, headers: dict[str, str]) -> httpx.Response:
    key = {"idempotency-key": str(uuid7())}
    sent = body | {"headers": body["headers"] | key | headers}
    return await browser.client.request(call.method, call.path, **sent)


def test_every_unsafe_route_is_here(world: World) -> None:
    bound = [compile_operation(rpc, rule) for rpc in rpcs() for rule in rpc.routes]
    assert len(UNSAFE) >= sum(one.method != "GET" for one in bound) + 1
    own = {
        (route.path, method)
        for route in world.routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method not in ("GET", "HEAD")
    }
    assert own == {
        ("/sign-in/post", "POST"), ("/sign-out", "POST"), ("/sign-out/back-channel", "POST"),
    }, "a new one belongs into these tests"  # fmt: skip


async def test_calls_from_elsewhere_are_refused(world, signed_in) -> None:
    value = {HEADER: await signed_in.form_value()}
    accepted, count = [], 0
    for call in UNSAFE:
        for kind, body in bodies(call):
            for way, headers in WAYS.items():
                for extra in ({}, value):
                    answer = await send(signed_in, call, body, headers | extra)
                    count += 1
                    if answer.status_code not in (400, 403, 415, 422):
                        accepted.append((call.path, kind, way, answer.status_code))
    assert accepted == []
    assert world.services.calls == []
    assert count == len(UNSAFE) * 3 * len(WAYS) * 2


@pytest.mark.parametrize("way", [*WAYS, "no value", "another value"])
async def test_who_asks_across_sites_is_nobody_to_any_change(world, signed_in, way) -> None:
    """Every RPC, whatever its body: the caller is refused before anything is looked up."""
    value = "01" + "f" * 64 if way == "another value" else await signed_in.form_value()
    headers = WAYS.get(way, OWN_PAGE) | ({} if way == "no value" else {HEADER: value})
    headers |= {"cookie": f"__Host-sid={signed_in.cookie}"}
    pairs = [(name.encode(), text.encode()) for name, text in headers.items()]
    changing = [rpc for rpc in rpcs() if rpc.changes]
    assert len(changing) > 20
    for rpc in changing:
        request = Request({"type": "http", "method": "POST", "path": "/", "headers": pairs})
        with pytest.raises(Refusal) as refusal:
            await world.caller.who(request, rpc)
        assert (refusal.value.kind, refusal.value.code) == (Kind.FORBIDDEN, "session.cross_site")


async def test_a_form_is_no_call_even_from_our_own_page(world, signed_in) -> None:
    own = await signed_in.headers()
    for call in (one for one in UNSAFE if one.media_type == "application/json"):
        for kind in ("form", "text"):
            answer = await send(signed_in, call, dict(bodies(call))[kind], own)
            assert answer.status_code == 415, call.path
    assert world.services.calls == []


async def test_what_our_own_page_may_nobody_else_does(world, signed_in) -> None:
    """Positive control: with the value the same calls reach function or service."""
    own, other = await signed_in.headers(), await world.browser()
    await other.sign_in("resident.datong")
    foreign = {HEADER: await other.form_value()} | OWN_PAGE
    reached = 0
    for call in UNSAFE:
        body = dict(bodies(call))["json"]
        answer = await send(signed_in, call, body, own)
        if answer.status_code in (400, 422):
            continue
        assert answer.json().get("code", "") != "session.cross_site", call.path
        reached += 1
        answer = await send(signed_in, call, body, foreign)
        assert answer.json()["code"] == "session.cross_site", call.path
    assert reached >= 12
    assert world.services.calls


@pytest.mark.parametrize("path", ["/sign-in/post", "/sign-out"])
@pytest.mark.parametrize("way", [*WAYS, "no value", "a foreign value"])
async def test_forms_from_elsewhere_are_refused(world, signed_in, path, way) -> None:
    value = await signed_in.form_value()
    fields = {"form_value": value, "post": "self"}
    if way == "no value":
        fields.pop("form_value")
    if way == "a foreign value":
        fields["form_value"] = "01" + "f" * 64
    headers = WAYS.get(way, OWN_PAGE)
    answer = await signed_in.client.post(path, data=fields, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "session.cross_site")
    assert answer.headers["content-type"] == "application/problem+json"
    assert await world.count() == 1
    assert (await signed_in.who()).json()["post"] == ONE


async def test_a_bearer_needs_no_page(world, signed_in) -> None:
    """Who shows a token is no browser that was led astray; the cookie beside it is not looked at."""
    call = next(one for one in UNSAFE if one.path.endswith("/uploads"))
    headers = {"authorization": "Bearer nothing", "origin": EVIL}
    answer = await send(signed_in, call, dict(bodies(call))["json"], headers)
    assert answer.json()["code"] == "common.unauthenticated"
