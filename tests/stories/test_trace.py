"""One filing, from HTTP to the message, is one trace: asserted span by span."""

import asyncio
import time
from collections.abc import Callable

import httpx
import pytest

from gateway.demo.application import form
from gateway.demo.client import Person
from kit.embedded.sign_in import sign_in
from kit.ids import uuid7
from kit.telemetry.tree import Span, spans
from tests.platform import Platform

COMMUNITY = "460106004002"
NAME = "海口市龙华区大同街道大同里社区轨迹志愿服务队"


async def submit(platform: Platform) -> str:
    """File up to submission; answers the trace of the submission."""
    issuer = platform.environment["MINZHENG_ISSUER"]
    tokens = await sign_in(issuer, "resident.datong", "demo-Minzheng-2026")
    async with httpx.AsyncClient(base_url=platform.url) as http:
        resident, filing_id = Person("resident", http, tokens.access_token), str(uuid7())
        data = form(NAME, COMMUNITY, 7, "二楼")
        await resident.post(
            "/api/v1/filings", {"filingId": filing_id, "communityCode": COMMUNITY, "form": data}
        )
        for code in ("B02", "B05"):
            receipt = await resident.upload(b"%PDF-1.7\n%%EOF\n", "application/pdf")
            path = f"/api/v1/filings/{filing_id}/materials/MATERIAL_CODE_{code}"
            await resident.put(path, {"receipt": receipt})
        pledge = (await resident.get("/api/v1/filing-pledge"))["version"]
        await resident.post(f"/api/v1/filings/{filing_id}:submit", {"pledgeVersion": pledge})
        return resident.last_trace


def wait_for(platform: Platform, trace: str, enough: Callable[[list[Span]], bool]) -> list[Span]:
    """The spans once they have all been written."""
    end = time.monotonic() + 30
    while True:
        found = spans(platform.var / "traces", trace)
        if enough(found) or time.monotonic() > end:
            return found
        time.sleep(0.1)


@pytest.fixture(scope="module")
def found(platform: Platform) -> list[Span]:
    """Spans of one submission."""
    trace = asyncio.run(submit(platform))
    return wait_for(platform, trace, whole)


def whole(found: list[Span]) -> bool:
    """Every process has written its part: each does so on its own once a second."""
    names = [span["name"].partition(" ")[0] for span in found]
    return names.count("process") >= 3 and {"HTTP", "FilingService/SubmitFiling", "publish"} <= {*names}  # fmt: skip


def one(found: list[Span], name: str, process: str) -> Span:
    named = [span for span in found if (span["name"], span["process"]) == (name, process)]
    assert len(named) == 1, (name, process, [(s["name"], s["process"]) for s in found])
    return named[0]


def test_the_door_is_the_root(found: list[Span]) -> None:
    door = one(found, "HTTP POST /api/v1/filings/{filing_id}:submit", "gateway")
    assert (door["parent_id"], door["kind"]) == ("", "SERVER")


def test_the_call_is_a_child_of_the_door(found: list[Span]) -> None:
    door = one(found, "HTTP POST /api/v1/filings/{filing_id}:submit", "gateway")
    call = one(found, "FilingService/SubmitFiling", "filing")
    assert (call["parent_id"], call["trace_id"]) == (door["span_id"], door["trace_id"])


def test_the_write_is_a_child_of_the_call(found: list[Span]) -> None:
    call = one(found, "FilingService/SubmitFiling", "filing")
    assert one(found, "write", "filing")["parent_id"] == call["span_id"]


def test_the_relay_is_a_child_of_the_write(found: list[Span]) -> None:
    write = one(found, "write", "filing")
    relay = one(found, "publish minzheng.filing.v1", "filing")
    assert (relay["parent_id"], relay["kind"]) == (write["span_id"], "PRODUCER")
    assert relay["trace_id"] == write["trace_id"]


@pytest.mark.parametrize("listener", ["notifications", "supervision", "gateway"])
def test_a_reaction_is_a_child_of_the_write(found: list[Span], listener: str) -> None:
    write = one(found, "write", "filing")
    process = one(found, "process minzheng.filing.v1", listener)
    assert (process["parent_id"], process["kind"]) == (write["span_id"], "CONSUMER")
    assert process["trace_id"] == write["trace_id"]
    for span in found:  # none where the fact was taken in together with others
        if (span["name"], span["process"]) == ("take fact", listener):
            assert span["parent_id"] == process["span_id"]


def test_no_span_names_a_person_or_an_id(found: list[Span]) -> None:
    for span in found:
        text = str(span["attributes"]) + span["name"]
        assert "成员" not in text
        assert "4699001980" not in text
        assert "{filing_id}" in span["name"] or "-" not in span["name"]
