"""What cannot be bound refuses to start."""

from dataclasses import replace

import pytest
from protobuf import Oneof

from gateway.transcoding.binding import compile_operation
from gateway.transcoding.fields import place_at
from gateway.transcoding.routes import api_routes, resources
from gateway.transcoding.template import Template
from kit.contracts import ContractError, check, rpc_by_path
from proto.gen.google.api.http_pb import HttpRule
from proto.gen.minzheng.common.v1.access_pb import Access
from proto.gen.minzheng.filing.v1 import filing_pb as filing

LIST = rpc_by_path()["/minzheng.filing.v1.FilingService/ListFilings"]
GET = rpc_by_path()["/minzheng.filing.v1.FilingService/GetFiling"]


def rule(method="get", path="/api/v1/x", **more):
    return HttpRule(pattern=Oneof(method, path), **more)


@pytest.mark.parametrize("path", ["/api/v1/{name=things/*}", "/api/v1/**", "/other/x", "/api/{Id}"])
def test_templates_that_are_not_supported(path):
    with pytest.raises(ContractError):
        Template.parse(path)


def test_a_nested_variable():
    bound = compile_operation(LIST, rule(path="/api/v1/{page.token}/{state}:x"))
    assert bound.template.path == "/api/v1/{page__token:segment}/{state:segment}:x"
    request = filing.ListFilingsRequest()
    bound.add_path(request, {"page__token": "t", "state": "FILED"})
    assert (request.page.token, request.state) == ("t", filing.FilingState.FILED)
    assert "page.size" in bound.query
    assert not {"page.token", "state"} & set(bound.query)


@pytest.mark.parametrize("dotted", ["nope", "page", "page.nope", "state.x"])
def test_variables_without_a_field(dotted):
    with pytest.raises(ContractError):
        place_at(filing.ListFilingsRequest.desc(), dotted)


@pytest.mark.parametrize(
    "broken",
    [
        rule(body="nope", method="post"),
        rule(body="state", method="post"),
        rule(response_body="nope"),
        rule(response_body="filings"),
        HttpRule(),
    ],
)
def test_rules_that_do_not_fit(broken):
    with pytest.raises(ContractError):
        compile_operation(LIST, broken)


def test_an_address_bound_twice():
    bound = compile_operation(GET, rule(path="/api/v1/{filing_id}"))
    with pytest.raises(ContractError):
        resources([bound, compile_operation(GET, rule(path="/api/v1/{filing_id}"))])


def test_literal_paths_come_first():
    paths = ["/api/v1/{filing_id}/x", "/api/v1/zoo/x", "/api/v1/{filing_id}"]
    ordered = resources(compile_operation(GET, rule(path=path)) for path in paths)
    assert [path for path, _ in ordered] == [
        "/api/v1/zoo/x",
        "/api/v1/{filing_id:segment}",
        "/api/v1/{filing_id:segment}/x",
    ]


def test_a_part_of_the_answer():
    bound = compile_operation(GET, rule(path="/api/v1/{filing_id}", response_body="filing"))
    assert bound.answer_kind is filing.Filing
    assert bound.version_of(filing.GetFilingResponse(filing=filing.Filing(version=5))) == 5


def test_an_additional_binding_is_a_route_of_its_own():
    more = replace(
        GET, routes=(rule(path="/api/v1/a/{filing_id}"), rule(path="/api/v1/b/{filing_id}"))
    )
    paths = {route.path for route in api_routes(None, None, [more])}
    assert {"/api/v1/a/{filing_id:segment}", "/api/v1/b/{filing_id:segment}"} <= paths


@pytest.mark.parametrize("change", [{"access": Access()}, {"routes": ()}, {"summary": ""}])
def test_a_call_without_access_route_or_comment_refuses_to_start(change):
    check(GET)
    with pytest.raises(ContractError):
        check(replace(GET, **change))
