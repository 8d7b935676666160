"""Query parameters become fields."""

import pytest

from proto.gen.minzheng.filing.v1 import filing_pb as filing


async def test_nested_enum_and_token_pass_through(api, services):
    query = "page.size=5&page.token=%E5%9D%8F%20token&state=COMPLETENESS"
    response = await api.get(f"/api/v1/filings?{query}")
    assert response.status_code == 200
    asked = services.last
    assert (asked.page.size, asked.page.token) == (5, "坏 token")
    assert asked.state is filing.FilingState.COMPLETENESS


async def test_full_enum_name(api, services):
    await api.get("/api/v1/filings?state=FILING_STATE_FILED")
    assert services.last.state is filing.FilingState.FILED


async def test_repeated_and_boolean(api, services):
    await api.get("/api/v1/events?types=a&types=b&size=500")
    assert (services.last.types, services.last.size) == (["a", "b"], 500)
    await api.get("/api/v1/messages?unread=true")
    assert services.last.unread is True


@pytest.mark.parametrize("name", ["communityCode", "community_code"])
async def test_both_spellings(api, services, name):
    await api.get("/api/v1/filing-names:check", params={"name": "大同合唱队", name: "460106004002"})
    assert services.last.community_code == "460106004002"


@pytest.mark.parametrize(
    "query",
    [
        "page.size=x",
        "page.size=1.5",
        "page.size=99999999999",
        "page.size=%D9%A3",
        "page.size=1&page.size=2",
        "page.token=a%00b",
        "page.token=%FF",
        "state=NOPE",
        "state=",
        "&".join(f"page.size={at}" for at in range(200)),
    ],
)
async def test_unreadable(api, services, problem_of, query):
    problem_of(await api.get(f"/api/v1/filings?{query}"), 400, "api.bad_parameter")
    assert not services.asked


@pytest.mark.parametrize("query", ["nope=1", "page=1", "page.size.x=1", "request_id=x"])
async def test_unknown(api, services, problem_of, query):
    problem_of(await api.get(f"/api/v1/filings?{query}"), 400, "api.unknown_parameter")
    assert not services.asked


async def test_a_body_leaves_nothing_to_the_query(api, problem_of):
    response = await api.post("/api/v1/filings?communityCode=460106004002", json={})
    problem_of(response, 400, "api.unknown_parameter")


async def test_rules_hold_for_the_query(api, problem_of):
    told = problem_of(await api.get("/api/v1/filings?page.size=101"), 422, "api.invalid")
    assert told["violations"] == [
        {"field": "page.size", "rule": "int32.gte_lte", "message": "应在 0 至 100 之间。"}
    ]
