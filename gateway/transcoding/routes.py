"""Routes of the REST interface: one resource per path, all its methods, documents and 404."""

from collections import defaultdict
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.api_page import page_route, problems_route
from gateway.calling import Caller, Calls
from gateway.openapi.document import document_route
from gateway.openapi.events import events_route
from gateway.problems import NOT_FOUND, method_not_allowed, problem_of
from gateway.transcoding.binding import compile_operation
from gateway.transcoding.operation import Operation
from kit.contracts import ContractError, Rpc
from kit.contracts import rpcs as contract_rpcs


class Resource:
    """ASGI endpoint of one path: picks the operation by method, refuses in problem+json."""

    def __init__(self, operations: Iterable[Operation], caller: Caller, services: Calls) -> None:
        self.operations = {operation.method: operation for operation in operations}
        if "GET" in self.operations:
            self.operations["HEAD"] = self.operations["GET"]
        self.allowed = ", ".join(sorted({*self.operations, "OPTIONS"}))
        self.caller = caller
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; the server leaves the body of an answer to HEAD out."""
        response = await self.respond(Request(scope, receive))
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """The answer or the problem; nothing escapes."""
        try:
            operation = self.operations.get(request.method)
            if operation is None:
                return self.other_method(request.method)
            return await operation.answer(request, self.caller, self.services)
        except Exception as error:
            return problem_of(error).response()

    def other_method(self, method: str) -> Response:
        """OPTIONS tells the methods, any other is refused."""
        if method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": self.allowed})
        return method_not_allowed(self.allowed).response()


class Unknown:
    """ASGI endpoint of every other address under `/api`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Nothing of ours lives here."""
        await NOT_FOUND.response()(scope, receive, send)


def api_routes(caller: Caller, channels: Calls, rpcs: Iterable[Rpc] | None = None) -> list[Route]:
    """Every REST route of the contracts, `/api`, its documents and a 404 for the rest of it.

    Routes written by hand under `/api` go before these. Raises ContractError for a contract that
    cannot be bound.
    """
    every = tuple(contract_rpcs() if rpcs is None else rpcs)
    by_path = resources(compile_operation(rpc, rule) for rpc in every for rule in rpc.routes)
    return [
        *(Route(path, Resource(found, caller, channels)) for path, found in by_path),
        document_route(every),
        events_route(),
        page_route(every),
        problems_route(),
        Route("/api/{rest:path}", Unknown()),
    ]


def resources(operations: Iterable[Operation]) -> list[tuple[str, list[Operation]]]:
    """Operations by path, literal paths before those with variables."""
    grouped: dict[str, list[Operation]] = defaultdict(list)
    for operation in sorted(operations, key=lambda one: one.template.order):
        taken = grouped[operation.template.path]
        if any(operation.method == other.method for other in taken):
            raise ContractError(f"{operation.method} {operation.template.text} is bound twice")
        taken.append(operation)
    return list(grouped.items())
