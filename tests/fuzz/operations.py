"""One valid call of every operation that all workloads serve."""

from collections.abc import Awaitable, Callable

from gateway.demo.client import Person
from kit.ids import uuid7

People = Callable[[str], Awaitable[Person]]


async def run(person: People) -> None:
    """Asked of a service and of the gateway; a replay finds nothing."""
    admin, auditor = await person("sys-admin"), await person("audit-admin")
    for workload in ("filing", "gateway"):
        path = f"/api/v1/operations/{workload}"
        assert (await admin.get(f"{path}/status"))["status"]["workload"] == workload
        await admin.get(f"{path}/parked")
        assert (await auditor.get(f"{path}/audit"))["entries"]
        assert (await auditor.get(f"{path}/audit-checks"))["checks"][0]["whole"]
    replay = {"aggregate": str(uuid7()), "reason": "演练"}
    await admin.post("/api/v1/operations/filing/parked:replay", replay)
