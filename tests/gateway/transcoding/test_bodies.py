"""What a body may not be: every trap answers 400, 413 or 415, none reaches a service or crashes."""

import asyncio
import contextlib
import time

import pytest

from gateway.transcoding import bodies
from kit.errors import Refusal

ID = "018f3c5e-7b1a-7c3d-9e2f-0123456789ab"
JSON = {"Content-Type": "application/json"}

MALFORMED = {
    "empty text": b" ",
    "broken": b'{"filingId":',
    "string without end": b'{"filingId":"x',
    "list": b"[]",
    "null": b"null",
    "second document": b"{} {}",
    "byte order mark": b"\xef\xbb\xbf{}",
    "not UTF-8": b'{"filingId":"\xff"}',
    "not UTF-8 key": b'{"\xff":1}',
    "UTF-16": '{"filingId":"x"}'.encode("utf-16"),
    "lone surrogate": b'{"filingId":"\\ud800"}',
    "U+0000": b'{"filingId":"a\\u0000b"}',
    "U+0000 after a backslash": b'{"filingId":"a\\\\\\u0000b"}',
    "raw U+0000": b'{"filingId":"a\x00b"}',
    "duplicate key": b'{"filingId":"a","filingId":"b"}',
    "duplicate key in both spellings": b'{"filingId":"a","filing_id":"b"}',
    "duplicate key in disguise": b'{"filingId":"a","filing\\u0049d":"b"}',
    "duplicate key inside": b'{"form":{"name":"a","name":"b"}}',
    "unknown field": b'{"nope":1}',
    "unknown field inside": b'{"form":{"nope":1}}',
    "wrong type": b'{"filingId":1}',
    "fraction": b'{"form":{"staffFull":1.5}}',
    "infinity": b'{"form":{"staffFull":1e999}}',
    "NaN": b'{"form":{"staffFull":NaN}}',
    "beyond int64": b'{"form":{"fundFen":9223372036854775808}}',
    "unknown enum": b'{"form":{"category":"NOPE"}}',
    "deep list": b"[" * 100_000 + b"]" * 100_000,
    "deep list in a field": b'{"form":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep object": b'{"form":' * 100_000 + b"1" + b"}" * 100_000,
    "33 levels": b'{"form":' + b"[" * 32 + b"]" * 32 + b"}",
    "open brackets": b"{" * 400_000,
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_malformed(api, services, problem_of, body):
    response = await api.post("/api/v1/filings", content=body, headers=JSON)
    problem_of(response, 400, "api.malformed")
    assert not services.asked


@pytest.mark.parametrize("body", [b'{"filingId":"\\"}', b'"' + b'\\"' * 400_000, b'"a",' * 200_000])
def test_the_scan_is_linear(body):
    began = time.process_time()
    with contextlib.suppress(Refusal):
        bodies.look_over(body)
    assert time.process_time() - began < 2


def test_the_scan_passes_what_is_allowed():
    bodies.look_over(
        '{"a":{"x":1,"b":"\\\\u0000 {[\\"]"},"list":[{"x":1},{"x":2}],"文":"字"}'.encode()
    )
    bodies.look_over(b"[" * bodies.DEPTH + b"]" * bodies.DEPTH)


async def test_unknown_field_is_named(api, problem_of):
    response = await api.post("/api/v1/filings", content=b'{"form":{"nope":1}}', headers=JSON)
    told = problem_of(response, 400, "api.malformed")
    assert told["violations"] == [
        {"field": "nope", "rule": "api.unknown_field", "message": "没有这个字段。"}
    ]


async def test_no_value_is_repeated(api, problem_of):
    secret = "460100199001011234"
    for body in (
        f'{{"form":"{secret}"}}',
        f'{{"{secret}":1}}',
        f'{{"form":{{"staffFull":"{secret}"}}}}',
    ):
        response = await api.post("/api/v1/filings", content=body, headers=JSON)
        problem_of(response, 400, "api.malformed")
        assert secret not in response.text


async def test_both_spellings_of_a_field_are_read(api, services):
    body = f'{{"filing_id":"{ID}","communityCode":"460106004002"}}'
    response = await api.post("/api/v1/filings", content=body, headers=JSON)
    assert response.status_code == 200
    assert services.last.filing_id == ID


async def test_too_large(api, problem_of):
    body = b'{"filingId":"' + b"x" * 1_000_000 + b'"}'
    problem_of(await api.post("/api/v1/filings", content=body, headers=JSON), 413, "api.too_large")


async def test_too_large_without_length(api, problem_of):
    async def chunks():
        for _ in range(20):
            yield b"x" * 100_000

    response = await api.post("/api/v1/filings", content=chunks(), headers=JSON)
    problem_of(response, 413, "api.too_large")


async def test_too_slow(api, problem_of, monkeypatch):
    monkeypatch.setattr(bodies, "READ_SECONDS", 0.0)

    async def drip():
        yield b"{"
        await asyncio.sleep(5)

    response = await api.post("/api/v1/filings", content=drip(), headers=JSON)
    problem_of(response, 408, "api.too_slow")


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=gbk"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_other_media(api, services, problem_of, sent):
    response = await api.post("/api/v1/filings", content=b"{}", headers=sent)
    problem_of(response, 415, "api.not_json")
    assert not services.asked


async def test_charset_may_be_named(api, services):
    body = f'{{"filingId":"{ID}","communityCode":"460106004002"}}'
    sent = {"Content-Type": 'Application/JSON; charset="UTF-8"'}
    response = await api.post("/api/v1/filings", content=body, headers=sent)
    assert response.status_code == 200
