"""A person at the public API: signs in, acts under a post, reads problems as they come."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from kit.embedded.sign_in import client_token, sign_in
from kit.ids import uuid7
from kit.settings import settings

PASSWORD = "demo-Minzheng-2026"  # noqa: S105 - the published password of synthetic persons


class Refused(Exception):
    """The API refused; `code` and `detail` as a person reads them."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.problem = problem


@dataclass
class Person:
    """Somebody signed in."""

    name: str
    http: httpx.AsyncClient
    token: str
    last_trace: str = field(default="")

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """Read."""
        return await self._send("GET", path, params=query)

    async def post(
        self, path: str, body: dict[str, Any] | None = None, *, post: str = ""
    ) -> dict[str, Any]:
        """Change, under the post named where there are several."""
        headers = {"minzheng-post": post} if post else {}
        return await self._send("POST", path, json=body or {}, headers=headers)

    async def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Replace."""
        return await self._send("PUT", path, json=body)

    async def upload(self, content: bytes, media_type: str) -> str:
        """Upload a file; answers its receipt."""
        answer = await self._send(
            "POST", "/api/v1/uploads", content=content, headers={"content-type": media_type}
        )
        return str(answer["receipt"])

    async def _send(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        if method != "GET":
            headers["idempotency-key"] = str(uuid7())
        response = await self.http.request(method, path, headers=headers, **options)
        self.last_trace = response.headers.get("x-trace-id", "")
        answer: dict[str, Any] = response.json()
        if response.is_error:
            raise Refused(response.status_code, answer)
        return answer


class People:
    """Demo persons, signed in once each."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.known: dict[str, Person] = {}

    async def person(self, username: str) -> Person:
        """A person of the demo realm."""
        if username not in self.known:
            tokens = await sign_in(settings().issuer, username, PASSWORD)
            self.known[username] = Person(username, self.http, tokens.access_token)
        return self.known[username]

    async def department(self, client_id: str) -> Person:
        """A department's client of the demo realm."""
        if client_id not in self.known:
            token = await client_token(settings().issuer, client_id, f"demo-only-{client_id}")
            self.known[client_id] = Person(client_id, self.http, token)
        return self.known[client_id]

    def forget(self) -> None:
        """Sign everybody out: tokens are short."""
        self.known.clear()
