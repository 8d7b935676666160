"""The OpenAPI document against the routes that are served and the JSON that is emitted."""

import json
import re

import httpx
import pytest
from protobuf import DescFieldValueList, DescFieldValueMessage, Message
from starlette.applications import Starlette

from gateway.openapi.document import document, document_route
from gateway.openapi.schemas import Schemas, component_name
from gateway.transcoding.routes import Resource, api_routes
from kit.contracts import rpcs
from proto.gen.minzheng.common.v1.access_pb import Role

METHODS = {"get", "put", "post", "delete", "patch"}
ROUTED = [rpc for rpc in rpcs() if not rpc.access.internal]


@pytest.fixture(scope="module")
def told() -> dict:
    return json.loads(json.dumps(document(rpcs())))


def operations(told):
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield path, method, operation


def walk(node):
    if isinstance(node, dict):
        yield node
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from walk(child)


def resolve(told, ref):
    node = told
    for part in ref.removeprefix("#/").split("/"):
        node = node[part]
    return node


def test_every_reference_resolves(told):
    refs = [node["$ref"] for node in walk(told) if isinstance(node.get("$ref"), str)]
    assert len(refs) > 100
    for ref in refs:
        assert resolve(told, ref)


def test_component_names_are_allowed(told):
    for name in told["components"]["schemas"]:
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)


def test_what_is_served_is_what_is_told(told):
    served = {
        (re.sub(r"\{[^}]*\}", "{}", route.path), method.lower())
        for route in api_routes(None, None)
        if isinstance(route.endpoint, Resource)
        for method in route.endpoint.operations
        if method != "HEAD"
    }
    documented = {
        (re.sub(r"\{[^}]*\}", "{}", path), method) for path, method, _ in operations(told)
    }
    assert documented - served == {
        ("/api/v1/uploads", "post"),
        ("/api/v1/files/{}", "get"),
    }
    assert served <= documented


def test_operations_are_complete(told):
    seen = set()
    for path, method, operation in operations(told):
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        assert operation["summary"]
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert named == set(re.findall(r"\{([^}]*)\}", path)), path
        assert operation["responses"].keys() >= {"401", "422", "500"}
        assert ("requestBody" in operation) is (method != "get")
    assert len(seen) == sum(len(rpc.routes) for rpc in rpcs()) + 2


def test_a_change_names_its_key_and_version(told):
    operation = told["paths"]["/api/v1/filings/{filingId}:submit"]["post"]
    headers = {one["name"]: one for one in operation["parameters"] if one["in"] == "header"}
    assert headers["Idempotency-Key"]["required"] is True
    assert "required" not in headers["If-Match"]
    assert {"400", "401", "403", "404", "409", "412", "422", "429", "503"} <= operation[
        "responses"
    ].keys()
    body = resolve(told, operation["requestBody"]["content"]["application/json"]["schema"]["$ref"])
    assert set(body["properties"]) == {"pledgeVersion"}
    assert operation["requestBody"]["required"] is False
    assert operation["summary"] == "提交备案申请（收件）"


def test_rules_become_keywords(told):
    schemas = told["components"]["schemas"]
    create = schemas["filing.v1.CreateDraftRequest"]
    assert create["required"] == ["filingId", "communityCode"]
    assert create["additionalProperties"] is False
    assert create["properties"]["communityCode"]["pattern"] == "^[0-9]{12}$"
    form = schemas["filing.v1.Form"]["properties"]
    assert (form["staffFull"]["minimum"], form["staffFull"]["maximum"]) == (0, 10000)
    assert (form["fieldCodes"]["maxItems"], form["fieldCodes"]["uniqueItems"]) == (3, True)
    assert form["fieldCodes"]["items"]["pattern"] == "^[A-Z]{2}$"
    assert form["fundFen"]["type"] == "string"
    assert "FILING_STATE_DRAFT" in schemas["filing.v1.FilingState"]["enum"]
    assert "待提交" in schemas["filing.v1.FilingState"]["description"]
    assert schemas["filing.v1.HistoryEntry"]["properties"]["at"]["format"] == "date-time"


def test_an_enum_keeps_only_the_values_a_rule_leaves(told):
    opinion = told["components"]["schemas"]["filing.v1.GiveVillageOpinionRequest"]["properties"]
    assert opinion["opinion"]["enum"] == ["VILLAGE_OPINION_AGREE", "VILLAGE_OPINION_DISAGREE"]


def test_query_parameters(told):
    listed = told["paths"]["/api/v1/filings"]["get"]
    assert {"page.size", "page.token", "state"} <= {one["name"] for one in listed["parameters"]}
    check = told["paths"]["/api/v1/filing-names:check"]["get"]
    assert all(one["required"] for one in check["parameters"] if one["in"] == "query")
    assert {} in check["security"]


def test_what_is_internal_is_not_told(told):
    inside = {f"{rpc.service}.{rpc.name}" for rpc in rpcs()} - {
        f"{rpc.service}.{rpc.name}" for rpc in ROUTED
    }
    assert "DispatchesService.OpenDispatch" in inside
    assert inside.isdisjoint(operation["operationId"] for _, _, operation in operations(told))


def test_access_is_the_policy_table(told):
    for rpc in ROUTED:
        found = next(
            operation["x-minzheng-access"]
            for _path, _method, operation in operations(told)
            if operation["operationId"] == f"{rpc.service}.{rpc.name}"
        )
        assert found["action"] == rpc.access.action
        assert found["fresh"] is rpc.access.fresh
        assert set(found["roles"]) == {
            Role(one).name for row in rpc.access.rows for one in row.roles
        }


def filled(message: Message) -> Message:
    """The message with one of everything inside."""
    for field in message.desc().fields:
        match field.value:
            case DescFieldValueMessage(message=inner):
                setattr(message, field.local_name, filled(inner.type()))
            case DescFieldValueList(element=inner) if hasattr(inner, "fields"):
                getattr(message, field.local_name).append(filled(inner.type()))
    return message


def fits(told, schema, value) -> None:
    if "$ref" in schema:
        schema = resolve(told, schema["$ref"])
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "boolean": bool,
        "number": float,
    }
    assert isinstance(value, kinds[schema["type"]]), (schema, value)
    if isinstance(value, dict):
        assert value.keys() <= schema["properties"].keys()
        for name, inner in value.items():
            fits(told, schema["properties"][name], inner)
    elif isinstance(value, list):
        for inner in value:
            fits(told, schema["items"], inner)
    elif "enum" in schema:
        # A message filled by the test alone states nothing where an answer always does.
        assert value in schema["enum"] or value.endswith("_UNSPECIFIED")


FILES = [rpc for rpc in ROUTED if rpc.routes[0].response_body == "file"]


@pytest.mark.parametrize("rpc", FILES, ids=lambda rpc: rpc.name)
def test_a_file_is_told_as_a_file(told, rpc):
    path = re.sub(r"_([a-z])", lambda found: found[1].upper(), rpc.routes[0].pattern.value)
    answer = told["paths"][path]["get"]["responses"]["200"]
    assert answer["content"] == {"*/*": {"schema": {"type": "string", "format": "binary"}}}


@pytest.mark.parametrize("rpc", [r for r in ROUTED if r not in FILES], ids=lambda rpc: rpc.name)
def test_answers_fit_their_schema(told, rpc):
    emitted = json.loads(filled(rpc.response()).to_json(always_emit_implicit=True))
    assert emitted
    fits(
        told,
        {"$ref": f"#/components/schemas/{component_name(rpc.response.desc().type_name)}"},
        emitted,
    )


def test_a_message_may_hold_itself():
    from proto.gen.buf.validate.validate_pb import FieldRules

    schemas = Schemas()
    schemas.message(FieldRules.desc())
    assert "buf.validate.RepeatedRules" in schemas.components


async def test_the_document_is_cached_by_etag():
    app = Starlette(routes=[document_route(rpcs())])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://x"
    ) as http:
        first = await http.get("/api/openapi.json")
        again = await http.get(
            "/api/openapi.json", headers={"If-None-Match": first.headers["etag"]}
        )
    assert first.json()["openapi"] == "3.1.0"
    assert (again.status_code, again.content) == (304, b"")


async def test_pages_have_no_outside_asset():
    app = Starlette(routes=api_routes(None, None))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://x"
    ) as http:
        page, problems = await http.get("/api"), await http.get("/api/problems")
    assert "提交备案申请（收件）" in page.text
    assert "POST /api/v1/filings/{filing_id}:submit" in page.text
    assert "街道（乡镇）经办" in page.text
    assert not re.findall(r"(href|src)=.?https?://|<script|src=", page.text)
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "内容不符合要求" in problems.text


def test_a_create_links_to_what_follows(told):
    created = told["paths"]["/api/v1/filings"]["post"]["responses"]["200"]["links"]
    assert created["FilingService.SubmitFiling"]["parameters"] == {
        "filingId": "$request.body#/filingId"
    }
    objected = told["paths"]["/api/v1/filings/{filingId}/objections"]["post"]
    linked = objected["responses"]["200"]["links"]["FilingService.GetOwnObjection"]
    assert linked["parameters"] == {
        "filingId": "$request.path.filingId",
        "objectionId": "$request.body#/objectionId",
    }


async def test_every_code_has_its_anchor(told):
    app = Starlette(routes=api_routes(None, None))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://x"
    ) as http:
        page = (await http.get("/api/problems")).text
    known = told["components"]["schemas"]["Problem"]["properties"]["code"]["x-minzheng-codes"]
    assert known["filing.same_person"]["status"] == 409
    for code in known:
        assert f"id='{code}'" in page
