"""What surrounds every answer: headers, problems, limits, spans, probes."""

from collections.abc import AsyncIterator

import httpx
import pytest
from joserfc.jwk import ECKey
from obstore.store import MemoryStore
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway import middleware
from gateway.application import application
from gateway.health import Health
from gateway.uploads.files import Files
from gateway.uploads.routes import upload_routes, uploads_of
from kit.errors import Kind, Refusal
from kit.recent import Recent
from kit.settings import settings
from tests.spans import spans_of

ANSWERS = ["/", "/health", "/api", "/api/openapi.json", "/api/nothing", "/nothing"]


class Door:
    """Caller and services in one: lets everybody in, answers or raises what is laid down."""

    sessions = None
    error: Exception | None = None
    fault: Exception | None = None

    async def metadata(self, request, rpc, body, *, anew=False):
        if self.error:
            raise self.error
        return ()

    async def account(self, request):
        raise Refusal(Kind.UNAUTHENTICATED, "common.unauthenticated", "登录已失效，请重新登录。")

    async def call(self, rpc, wire, metadata):
        if self.fault:
            raise self.fault
        return rpc.response()


class Ping:
    fails = False

    async def __call__(self) -> None:
        if self.fails:
            raise ConnectionError


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def health() -> Health:
    return Health(Ping(), started=True)


@pytest.fixture
async def http(door, health, tmp_path, monkeypatch) -> AsyncIterator[httpx.AsyncClient]:
    key = ECKey.generate_key("P-256")
    (tmp_path / "internal_key.pem").write_bytes(key.as_pem(private=True))
    monkeypatch.setenv("MINZHENG_SECRETS", str(tmp_path))
    settings.cache_clear()
    files = Files(None, MemoryStore(), None)
    app = application(
        door, door, health, Recent(), upload_routes(uploads_of(door.account, files), files)
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client
    settings.cache_clear()


@pytest.fixture
def spans(monkeypatch) -> InMemorySpanExporter:
    return spans_of(monkeypatch)


def problem(response: httpx.Response, status: int, code: str) -> None:
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ANSWERS)
async def test_every_answer_keeps_browsers_careful(http, path) -> None:
    headers = (await http.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    page = headers["content-type"].startswith("text/html")
    assert headers["referrer-policy"] == ("same-origin" if page else "no-referrer")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"]
    assert "server" not in headers
    assert "strict-transport-security" not in headers


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/api/v1/", "/health/x", "/docs"])
async def test_an_unknown_address_is_a_problem(http, path) -> None:
    problem(await http.get(path), 404, "api.no_such_route")


async def test_another_method_is_a_problem(http) -> None:
    problem(await http.post("/health"), 405, "api.method_not_allowed")
    problem(await http.get("/api/v1/uploads"), 405, "api.method_not_allowed")


async def test_what_nobody_expected_leaves_without_text(http, door) -> None:
    door.fault = RuntimeError("SELECT secret")
    response = await http.get("/api/v1/my/posts")
    problem(response, 500, "common.internal")
    assert "secret" not in response.text


async def test_an_accident_around_the_routes_is_a_problem_too(http, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(middleware, "counted", broken)
    response = await http.get("/")
    problem(response, 500, "common.internal")
    assert "secret" not in response.text
    assert response.headers["x-frame-options"] == "DENY"


async def test_a_refusal_of_the_caller_is_told(http, door) -> None:
    door.error = Refusal(Kind.FORBIDDEN, "common.choose_post", "请选择岗位。")
    problem(await http.get("/api/v1/my/posts"), 403, "common.choose_post")


async def test_uploads_are_for_the_signed_in(http) -> None:
    problem(await http.post("/api/v1/uploads", content=b"x"), 401, "common.unauthenticated")


async def test_what_is_too_large_is_refused(http, monkeypatch) -> None:
    many = {"x-long": "x" * 17_000}
    problem(await http.get("/", headers=many), 431, "api.headers_too_large")
    announced = {"content-length": str(50 * 1024 * 1024)}
    response = await http.post("/api/v1/posts", content=b"{}", headers=announced)
    problem(response, 413, "upload.too_large")


async def test_a_body_is_counted_as_it_arrives(http, monkeypatch) -> None:
    monkeypatch.setattr(middleware, "MAX_BODY", 10)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"12345"

    response = await http.post(
        "/api/v1/posts", content=chunks(), headers={"content-type": "application/json"}
    )
    problem(response, 413, "upload.too_large")


async def test_a_span_is_named_by_the_route_and_continues_the_trace(http, spans) -> None:
    parent = f"00-{'a' * 32}-{'b' * 16}-01"
    response = await http.get("/api/v1/my/posts", headers={"traceparent": parent})
    (span,) = spans.get_finished_spans()
    assert span.name == "HTTP GET /api/v1/my/posts"
    assert span.kind is trace.SpanKind.SERVER
    assert response.headers["x-trace-id"] == "a" * 32
    assert span.attributes["http.response.status_code"] == 200


@pytest.mark.parametrize("path", ["/api/v1/posts/secret-1:revoke", "/nothing/secret-1"])
async def test_ids_stay_out_of_spans(http, spans, path) -> None:
    await http.post(path, json={})
    (span,) = spans.get_finished_spans()
    assert "secret" not in span.name + repr(dict(span.attributes))


async def test_a_failure_marks_the_span(http, door, spans) -> None:
    door.fault = RuntimeError()
    await http.get("/api/v1/my/posts")
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is trace.StatusCode.ERROR
    assert not span.events


async def test_probes_tell_the_state(http, health) -> None:
    assert (await http.get("/health")).json() == {
        "startup": "ok",
        "readiness": "ok",
        "liveness": "ok",
    }
    health.draining = True
    response = await http.get("/health/readiness")
    assert (response.status_code, response.json()) == (503, {"readiness": "failing"})
    assert (await http.get("/health/liveness")).status_code == 200


async def test_without_database_it_is_not_ready(http, health) -> None:
    health.ping.fails = True
    assert (await http.get("/health/readiness")).status_code == 503
    assert (await http.get("/health")).status_code == 503
    assert (await http.get("/health/liveness")).status_code == 200


async def test_the_home_page_says_what_this_is(http) -> None:
    response = await http.get("/")
    assert "演示数据" in response.text
    assert 'href="/api"' in response.text
    assert ".well-known/openid-configuration" in (await http.get("/api")).text


@pytest.mark.parametrize("path", ["/", "/api", "/api/problems"])
async def test_a_page_runs_nothing_foreign(http, path) -> None:
    policy = (await http.get(path)).headers["content-security-policy"]
    told = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert told["default-src"] == told["frame-ancestors"] == told["base-uri"] == "'none'"
    assert told["script-src"] == told["form-action"] == told["connect-src"] == "'self'"
    assert told["report-uri"] == "/csp"
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("body", "noted"),
    [
        (
            b'{"csp-report": {"effective-directive": "img-src", "blocked-uri": "x?secret"}}',
            "img-src",
        ),
        (b'{"csp-report": {"effective-directive": "secret secret"}}', "unreadable"),
        (b"[" * 9000, "unreadable"),
        (b"x" * 20_000, "unreadable"),
        (b"", "unreadable"),
    ],
)
async def test_what_the_policy_kept_out_is_noted_by_its_directive(
    http, caplog, body, noted
) -> None:
    assert (await http.post("/csp", content=body)).status_code == 204
    assert caplog.messages == [f"content policy kept out: {noted}"]
    assert "secret" not in caplog.text
