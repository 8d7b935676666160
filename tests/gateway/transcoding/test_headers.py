"""Idempotency-Key, If-Match, If-None-Match."""

import pytest

from gateway.transcoding import headers
from proto.gen.minzheng.filing.v1 import filing_pb as filing

ID = "018f3c5e-7b1a-7c3d-9e2f-0123456789ab"
KEY = "018f3c5e-7b1a-7c3d-9e2f-00000000000a"


async def test_a_change_without_key_is_told_what_to_send(api, services, problem_of):
    response = await api.post(f"/api/v1/filings/{ID}:submit", json={})
    told = problem_of(response, 422, "api.idempotency_key_missing")
    assert "Idempotency-Key" in told["detail"]
    assert told["violations"][0]["field"] == "Idempotency-Key"
    assert not services.asked


@pytest.mark.parametrize("key", ["x", "", "é".encode("latin-1"), "密钥".encode(), b"\xff" * 36])
async def test_a_key_that_is_no_uuid(api, services, problem_of, key):
    response = await api.post(
        f"/api/v1/filings/{ID}:submit", json={}, headers=[(b"Idempotency-Key", key)]
    )
    problem_of(response, 422, "api.idempotency_key_invalid")
    assert not services.asked


@pytest.mark.parametrize("tag", ["3", '"a"', '"-1"', '"3", "4"', '"99999999999"', '"٣"', "''"])
async def test_an_if_match_that_is_no_version(api, services, problem_of, tag):
    sent = [(b"Idempotency-Key", KEY.encode()), (b"If-Match", tag.encode())]
    response = await api.post(f"/api/v1/filings/{ID}:submit", json={}, headers=sent)
    problem_of(response, 400, "api.bad_if_match")
    assert not services.asked


async def test_a_version_beyond_every_number_fits_nothing(api, services):
    sent = {"Idempotency-Key": KEY, "If-Match": '"9999999999"'}
    response = await api.post(f"/api/v1/filings/{ID}:submit", json={}, headers=sent)
    assert response.status_code == 200
    assert services.last.version == 2**31 - 1


async def test_a_condition_that_cannot_be_kept_is_refused(api, services, problem_of):
    response = await api.post(
        f"/api/v1/messages/{ID}:read", json={}, headers={"Idempotency-Key": KEY, "If-Match": '"1"'}
    )
    problem_of(response, 400, "api.bad_if_match")


async def test_any_version(api, services):
    response = await api.post(
        f"/api/v1/filings/{ID}:submit", json={}, headers={"Idempotency-Key": KEY, "If-Match": "*"}
    )
    assert response.status_code == 200
    assert services.last.version == 0


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ('"3"', 304),
        ('W/"3"', 304),
        ('"1", "3"', 304),
        ("*", 304),
        ('"4"', 200),
        ('"33"', 200),
        ("3", 200),
    ],
)
async def test_a_version_already_known(api, services, known, status):
    services.answer = filing.GetFilingResponse(filing=filing.Filing(version=3))
    response = await api.get(f"/api/v1/filings/{ID}", headers={"If-None-Match": known})
    assert response.status_code == status
    assert response.headers["etag"] == '"3"'
    assert bool(response.content) is (status == 200)


async def test_an_answer_without_version_has_no_etag(api, services):
    services.answer = filing.GetPledgeTextResponse(version="CN-2026-01")
    response = await api.get("/api/v1/filing-pledge")
    assert response.status_code == 200
    assert "etag" not in response.headers


def test_a_quoted_key_is_the_key():
    assert headers.request_id(f'"{KEY}"') == KEY
