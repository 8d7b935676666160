"""The RPCs that every workload serves for its operation."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from grpc.aio import ServicerContext

from kit.calendar import ZONE, day_of
from kit.errors import not_found
from kit.operations import checks, parked, status, trail, view
from kit.operations.trail import Search, period
from kit.operations.workload import Workload
from kit.paging import decode, encode
from kit.unit import Audit, Change
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.operations.v1 import operations_pb as pb
from proto.gen.minzheng.operations.v1.operations_pb_grpc import OperationsServiceService

SIZE = 20
CHECKS = 31
"""Walks along the chain that are told."""


class OperationsRpc(OperationsServiceService):
    """The servicer."""

    def __init__(self, workload: Workload) -> None:
        self.workload = workload
        self.unit = workload.unit
        self.pool = workload.unit.database.pool

    def _expect(self, name: str) -> None:
        if name != self.workload.name:
            raise not_found()

    async def get_status(
        self, request: pb.GetStatusRequest, context: ServicerContext
    ) -> pb.GetStatusResponse:
        """The status of this workload, told by this process."""
        self._expect(request.workload)
        async with self.pool.acquire() as connection:
            waits = await status.waits(connection)
            levels = await status.levels(connection)
            last = await checks.latest(connection, 1)
        lag = await self.workload.lag()
        return pb.GetStatusResponse(
            status=view.status(self.workload, waits, levels, lag, last[0] if last else None)
        )

    async def list_parked(
        self, request: pb.ListParkedRequest, context: ServicerContext
    ) -> pb.ListParkedResponse:
        """Aggregates with parked facts, a page of them."""
        self._expect(request.workload)
        size, after = _page(request.page)
        async with self.pool.acquire() as connection:
            found = await parked.listed(connection, after or 0, size + 1)
        return pb.ListParkedResponse(
            aggregates=[view.parked(one) for one in found[:size]],
            page=_next([one.first for one in found], size),
        )

    async def replay_parked(
        self, request: pb.ReplayParkedRequest, context: ServicerContext
    ) -> pb.ReplayParkedResponse:
        """The parked facts of an aggregate tried again; the same request is told the same."""
        self._expect(request.workload)

        async def attempt() -> pb.ReplayParkedResponse:
            done = await parked.replay(
                self.unit, self.workload.reactions, request.aggregate, request.reason
            )
            answer = pb.ReplayParkedResponse(
                replayed=done.replayed, left=done.left, failure=done.failure
            )
            result = Audit(
                request.aggregate, "/", datetime.now(UTC), None, reason=done.failure,
                to_state=f"REPLAYED {done.replayed} LEFT {done.left}",
            )  # fmt: skip
            await self.unit.write(Change("SELECT 1", {}, result), request, answer)
            return answer

        return await self.unit.once(request, pb.ReplayParkedResponse, attempt)

    async def search_audit(
        self, request: pb.SearchAuditRequest, context: ServicerContext
    ) -> pb.SearchAuditResponse:
        """Rows of the trail; that it was searched stands there too."""
        self._expect(request.workload)
        size, before = _page(request.page)
        asked = searched(request, datetime.now(ZONE).date())
        act = Audit(self.workload.name, "/", datetime.now(UTC), None, reason=asked.said)
        await self.unit.write(Change("SELECT 1", {}, act))
        async with self.pool.acquire() as connection:
            rows = await trail.found(connection, asked, before, size + 1)
        return pb.SearchAuditResponse(
            entries=[view.entry(row) for row in rows[:size]],
            page=_next([row["id"] for row in rows], size),
        )

    async def list_audit_checks(
        self, request: pb.ListAuditChecksRequest, context: ServicerContext
    ) -> pb.ListAuditChecksResponse:
        """What the daily walks found."""
        self._expect(request.workload)
        async with self.pool.acquire() as connection:
            found = await checks.latest(connection, CHECKS)
        return pb.ListAuditChecksResponse(checks=[view.check(one) for one in found])


def searched(request: pb.SearchAuditRequest, today: date) -> Search:
    """The search a request asks for."""
    first, last = day_of("fromDay", request.from_day), day_of("toDay", request.to_day)
    since, until = period(first, last, today)
    return Search(
        since, until, request.account, request.action, request.object_id, request.refused_only
    )


def _page(asked: PageRequest | None) -> tuple[int, int | None]:
    """Rows of a page and the number it begins behind; Refusal MALFORMED for a forged token."""
    page = asked or PageRequest()
    return page.size or SIZE, int(decode(page.token, _number)[0]) if page.token else None


def _number(value: object) -> int:
    if not isinstance(value, int) or not 0 < value < 2**63:
        raise ValueError("no number of a row")
    return value


def _next(numbers: Sequence[int], size: int) -> PageResponse:
    """What follows, where one row more than a page was found."""
    return PageResponse(next_token=encode(numbers[size - 1]) if len(numbers) > size else "")
