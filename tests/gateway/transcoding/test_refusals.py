"""What services, the caller's token and the router refuse."""

import grpc
import httpx
import pytest
from grpc.aio import AioRpcError, Metadata
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.problems import HANDLERS, TRAILER
from kit.errors import Kind, Refusal, Violation
from proto.gen.minzheng.common.v1.problem_pb import FieldViolation, Problem

ID = "018f3c5e-7b1a-7c3d-9e2f-0123456789ab"
PATH = f"/api/v1/filings/{ID}"


def rpc_error(code, *trailer, details="secret text"):
    return AioRpcError(code, Metadata(), Metadata(*trailer), details=details)


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_problem_of_a_service(api, services, problem_of, kind):
    told = Problem(
        code="filing.material_missing",
        kind=kind.wire,
        detail="缺少材料。",
        violations=[
            FieldViolation(field="materials[1]", rule="filing.missing", message="请上传。")
        ],
        trace_id="ab" * 16,
    )
    services.answer = rpc_error(grpc.StatusCode[kind.grpc], (TRAILER, told.to_binary()))
    response = await api.get(PATH)
    read = problem_of(response, kind.http, "filing.material_missing")
    assert (read["title"], read["detail"], read["traceId"]) == (kind.title, "缺少材料。", "ab" * 16)
    assert read["violations"] == [
        {"field": "materials[1]", "rule": "filing.missing", "message": "请上传。"}
    ]
    assert ("retry-after" in response.headers) is (kind in (Kind.EXHAUSTED, Kind.UNAVAILABLE))


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("UNAVAILABLE", 503),
        ("DEADLINE_EXCEEDED", 504),
        ("CANCELLED", 503),
        ("UNIMPLEMENTED", 503),
        ("UNAUTHENTICATED", 401),
        ("PERMISSION_DENIED", 403),
        ("NOT_FOUND", 404),
        ("ALREADY_EXISTS", 409),
        ("ABORTED", 409),
        ("FAILED_PRECONDITION", 412),
        ("INVALID_ARGUMENT", 422),
        ("RESOURCE_EXHAUSTED", 429),
        ("INTERNAL", 500),
        ("UNKNOWN", 500),
        ("DATA_LOSS", 500),
    ],
)
async def test_a_call_that_failed(api, services, code, status):
    services.answer = rpc_error(grpc.StatusCode[code])
    response = await api.get(PATH)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert "secret" not in response.text


async def test_what_nobody_expected_has_no_text(api, services, problem_of, caplog):
    services.answer = RuntimeError("secret text")
    told = problem_of(await api.get(PATH), 500, "common.internal")
    assert "secret" not in str(told)
    assert "unexpected error" in caplog.text


async def test_a_caller_without_token(api, services, problem_of):
    services.refusal = Refusal(Kind.UNAUTHENTICATED, "common.unauthenticated", "请登录。")
    response = await api.get(PATH)
    problem_of(response, 401, "common.unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"
    assert not services.asked


@pytest.mark.parametrize(
    "path", ["/api/v1/nope", "/api/v1/filings/", "/api/", "/api/v1/filings/a/b/c"]
)
async def test_no_such_route(api, problem_of, path):
    problem_of(await api.get(path), 404, "api.no_such_route")


async def test_outside_of_the_interface(api, problem_of):
    problem_of(await api.get("/nowhere"), 404, "api.no_such_route")


async def test_other_methods(api, problem_of):
    response = await api.delete("/api/v1/filings")
    problem_of(response, 405, "api.method_not_allowed")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    problem_of(await api.get(f"{PATH}:submit"), 405, "api.method_not_allowed")
    problem_of(await api.post("/api"), 405, "api.method_not_allowed")


async def test_head_and_options(api, services):
    response = await api.head("/api/v1/filings")
    assert (response.status_code, response.content) == (200, b"")
    assert int(response.headers["content-length"]) > 0
    response = await api.options(PATH)
    assert (response.status_code, response.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


async def test_refusals_of_other_routes():
    async def refuse(_request):
        raise Refusal(Kind.INVALID, "x.y", "不行。", [Violation("a", "b", "c")])

    app = Starlette(routes=[Route("/x", refuse)], exception_handlers=HANDLERS)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://x"
    ) as http:
        response = await http.get("/x")
    assert response.status_code == 422
    assert response.json()["code"] == "x.y"
