"""Every change with a key goes out five times at once, and once more when all have their answer."""

import asyncio

import httpx

TIMES = 5
Answer = tuple[int, bytes]


class Fivefold(httpx.AsyncBaseTransport):
    """A network that repeats; `sent` and `different` are methods and paths."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport()
        self.sent: list[tuple[str, str]] = []
        self.different: list[tuple[str, str, list[Answer]]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer; of an upload the receipt is signed anew each time."""
        content = await request.aread()
        path = request.url.path
        keyed = "idempotency-key" in request.headers and path != "/api/v1/uploads"
        if not keyed:
            return await self.inner.handle_async_request(request)
        copies = [self._outcome(request, content) for _ in range(TIMES)]
        answers = [*await asyncio.gather(*copies), await self._outcome(request, content)]
        self.sent.append((request.method, path))
        told = {(one.status_code, one.content) for one in answers}
        if len(told) > 1:
            self.different.append((request.method, path, sorted(told)))
        return answers[-1]

    async def _outcome(self, request: httpx.Request, content: bytes) -> httpx.Response:
        """The answer of one copy; one that met the first still at work after 2 s asks again."""
        for _ in range(20):
            copy = httpx.Request(
                request.method, request.url, headers=request.headers, content=content
            )
            answer = await self.inner.handle_async_request(copy)
            await answer.aread()
            if b"common.in_flight" not in answer.content:
                break
        return answer

    async def aclose(self) -> None:
        """Close the connections."""
        await self.inner.aclose()
