"""A service that knows a change of posts before the door does: the token is minted anew, once."""

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from kit.floors import stale
from kit.interceptor import PROBLEM
from proto.gen.minzheng.common.v1.problem_pb import Problem

PATH = "/api/v1/filings/0198c0de-0000-7000-8000-000000000001"


def refused(code: str) -> AioRpcError:
    said = Problem(code=code, kind=stale().kind.wire, detail="。")
    trailer = Metadata((PROBLEM, said.to_binary()))
    return AioRpcError(grpc.StatusCode.UNAUTHENTICATED, Metadata(), trailer)


@pytest.mark.parametrize("code", ["common.stale_grants", "common.unauthenticated"])
async def test_a_refused_token_ends_the_call(api, services, problem_of, code) -> None:
    services.answer = [refused(code)]
    problem_of(await api.get(PATH), 401, code)
    again = code == "common.stale_grants"
    assert services.minted == ([False, True] if again else [False])
    assert len(services.asked) == len(services.minted)


async def test_the_new_token_is_used(api, services, problem_of) -> None:
    services.answer = [refused("common.stale_grants"), refused("common.unauthenticated")]
    problem_of(await api.get(PATH), 401, "common.unauthenticated")
    assert services.minted == [False, True]
    assert services.asked[0] == services.asked[1]
