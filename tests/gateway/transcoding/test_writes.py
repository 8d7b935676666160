"""A write from JSON to the service's request, and back."""

import json

from proto.gen.minzheng.filing.v1 import filing_pb as filing
from proto.gen.minzheng.notifications.v1 import notifications_pb as notifications

ID = "018f3c5e-7b1a-7c3d-9e2f-0123456789ab"
KEY = "018f3c5e-7b1a-7c3d-9e2f-00000000000a"


async def test_a_create_carries_its_own_id(api, services):
    services.answer = filing.CreateDraftResponse(filing=filing.Filing(filing_id=ID, version=1))
    draft = {"filingId": ID, "communityCode": "460106004002", "form": {"name": "大同社区合唱队"}}
    response = await api.post("/api/v1/filings", json=draft)
    assert response.status_code == 200
    assert response.headers["etag"] == '"1"'
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["filing"]["materials"] == []
    rpc, asked = services.asked[0]
    assert (rpc.name, asked.filing_id, asked.form.name) == ("CreateDraft", ID, "大同社区合唱队")


async def test_a_named_field_is_the_body(api, services):
    form = {"category": "CATEGORY_SHFW", "fundFen": "90071992547", "staffFull": 2}
    response = await api.put(
        f"/api/v1/filings/{ID}/form",
        json=form,
        headers={"Idempotency-Key": KEY, "If-Match": 'W/"7"'},
    )
    assert response.status_code == 200
    asked = services.last
    assert (asked.filing_id, asked.request_id, asked.version) == (ID, KEY, 7)
    assert (asked.form.category, asked.form.fund_fen) == (filing.Category.SHFW, 90071992547)


async def test_a_verb_is_no_part_of_the_id(api, services):
    await api.post(f"/api/v1/filings/{ID}:submit", json={}, headers={"Idempotency-Key": KEY})
    rpc, asked = services.asked[0]
    assert (rpc.name, asked.filing_id) == ("SubmitFiling", ID)


async def test_an_unknown_verb_is_not_found(api, services, problem_of):
    response = await api.post(f"/api/v1/filings/{ID}:frobnicate", json={})
    problem_of(response, 404, "api.no_such_route")
    assert not services.asked


async def test_an_empty_body_states_nothing(api, services):
    response = await api.post(f"/api/v1/filings/{ID}:startNotice", headers={"Idempotency-Key": KEY})
    assert response.status_code == 200
    assert services.last.filing_id == ID


async def test_an_enum_in_the_path_by_full_or_short_name(api, services):
    for code in ("MATERIAL_CODE_B01", "B01"):
        response = await api.put(
            f"/api/v1/filings/{ID}/materials/{code}",
            json={"receipt": "x"},
            headers={"Idempotency-Key": KEY},
        )
        assert response.status_code == 200
        assert services.last.code is filing.MaterialCode.B01


async def test_the_token_is_made_for_the_bytes_that_are_sent(api, services):
    await api.post(
        f"/api/v1/filings/{ID}:decide", json={"agree": True}, headers={"Idempotency-Key": KEY}
    )
    size = len(services.last.to_binary())
    assert services.metadata_sent == [("authorization", f"Bearer DecideFiling:{size}")]


async def test_ids_have_one_spelling(api, services):
    await api.post(
        f"/api/v1/filings/{ID.upper()}:submit", json={}, headers={"Idempotency-Key": KEY.upper()}
    )
    assert (services.last.filing_id, services.last.request_id) == (ID, KEY)


async def test_a_version_beside_the_thing_is_the_etag(api, services):
    services.answer = notifications.SaveContactResponse(version=4)
    response = await api.put(
        "/api/v1/my/contact",
        json={"contact": {}},
        headers={"Idempotency-Key": KEY, "If-Match": '"3"'},
    )
    assert response.headers["etag"] == '"4"'
    assert services.last.version == 3


async def test_body_and_address_may_not_disagree(api, services, problem_of):
    other = json.dumps({"filingId": KEY})
    response = await api.post(
        f"/api/v1/filings/{ID}:submit",
        content=other,
        headers={"Idempotency-Key": KEY, "Content-Type": "application/json"},
    )
    problem_of(response, 400, "api.malformed")
    assert not services.asked


async def test_body_and_header_may_not_disagree(api, services, problem_of):
    response = await api.post(
        f"/api/v1/filings/{ID}:submit",
        json={"version": 4},
        headers={"Idempotency-Key": KEY, "If-Match": '"5"'},
    )
    problem_of(response, 400, "api.malformed")
