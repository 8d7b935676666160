"""`/health`: startup, readiness and liveness of the gateway as JSON."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.problems import NOT_FOUND

PING_SECONDS = 1.0


@dataclass
class Health:
    """What the probes are told; `ping` reaches the database or raises."""

    ping: Callable[[], Awaitable[object]]
    started: bool = False
    draining: bool = False

    async def probes(self) -> dict[str, bool]:
        """Every probe; liveness is that this answers."""
        ready = self.started and not self.draining and await self._reached()
        return {"startup": self.started, "readiness": ready, "liveness": True}

    async def _reached(self) -> bool:
        try:
            async with asyncio.timeout(PING_SECONDS):
                await self.ping()
        except Exception:
            return False
        return True

    async def show(self, request: Request) -> Response:
        """All probes, or the one the path names; 503 where one fails."""
        probes = await self.probes()
        name = request.path_params.get("probe")
        if name is not None and name not in probes:
            return NOT_FOUND.response()
        shown = probes if name is None else {name: probes[name]}
        body = {key: "ok" if good else "failing" for key, good in shown.items()}
        return JSONResponse(
            body, 200 if all(shown.values()) else 503, {"Cache-Control": "no-store"}
        )

    def routes(self) -> list[Route]:
        """`/health` and `/health/{probe}`."""
        return [Route("/health", self.show), Route("/health/{probe}", self.show)]
