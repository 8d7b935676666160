"""Which workload is asked, where every workload serves a contract."""

from dataclasses import replace
from functools import cache
from typing import Any

from kit.contracts import EVERY, Rpc
from kit.embedded.workloads import workloads
from kit.errors import not_found


@cache
def names() -> tuple[str, ...]:
    """Workloads with rooms of their own, the services before the gateway."""
    return tuple(name for name in workloads() if name != "log")


def routed(rpc: Rpc, request: Any) -> Rpc:
    """The RPC at the workload its request names. Refusal 404 where there is none of that name."""
    if rpc.workload != EVERY:
        return rpc
    if request.workload not in names():
        raise not_found()
    return replace(rpc, workload=request.workload)
