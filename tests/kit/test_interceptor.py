"""What leaves the door when something goes wrong inside."""

import asyncio
import logging
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from kit.contracts import rpc_by_path
from kit.errors import Kind, Refusal, conflict
from kit.interceptor import Door, as_refusal, parse
from proto.gen.minzheng.filing.v1.filing_pb import CreateDraftRequest, Form, Premises

RPC = rpc_by_path()["/minzheng.filing.v1.FilingService/CreateDraft"]


def test_a_refusal_leaves_as_it_is() -> None:
    refusal = conflict("x.y", "句子")
    assert as_refusal(refusal) is refusal


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        asyncpg.InterfaceError("x"),
        asyncpg.TooManyConnectionsError("x"),
        asyncpg.AdminShutdownError("x"),
    ],
)
def test_a_database_that_is_away_is_no_accident(error: Exception) -> None:
    assert as_refusal(error).kind is Kind.UNAVAILABLE


def test_an_accident_leaves_without_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        refusal = as_refusal(ValueError("符小梅 469900198001010011"))
    assert (refusal.kind, refusal.code) == (Kind.INTERNAL, "common.internal")
    assert "符小梅" not in refusal.detail


def test_bytes_that_are_no_message_are_malformed() -> None:
    with pytest.raises(Refusal) as refused:
        parse(RPC, b"\xff\xff\xff")
    assert refused.value.kind is Kind.MALFORMED


def test_the_rules_of_the_contract_are_held_again() -> None:
    request = CreateDraftRequest(
        filing_id="x", community_code="1", form=Form(premises=Premises(address="x" * 201))
    )
    with pytest.raises(Refusal) as refused:
        parse(RPC, request.to_binary())
    fields = [violation.field for violation in refused.value.violations]
    assert fields == ["filing_id", "community_code", "form.premises.address"]


class Broken(Door):
    """A door behind which everything goes as it is told."""

    def __init__(self, error: BaseException | None) -> None:
        nothing: Any = None
        verifier: Any = SimpleNamespace(service="filing")
        super().__init__(verifier, nothing)
        self.error = error

    async def _serve(self, *_: Any, timed: bool) -> bytes:
        if self.error is not None:
            raise self.error
        return b""


@pytest.mark.parametrize(
    ("error", "failed"),
    [
        (None, 0),
        (conflict("x.y", "句子"), 0),
        (ValueError(), 1),
        (ConnectionRefusedError(), 1),
        (asyncio.CancelledError(), 1),
    ],
)
async def test_every_call_is_counted_and_only_our_own_faults_as_failed(
    error: BaseException | None, failed: int
) -> None:
    door, room = Broken(error), Any
    with suppress(asyncio.CancelledError):
        await door.answer(RPC, room, b"", {}, timed=True)  # type: ignore[arg-type]
    assert (door.recent.told().calls, door.recent.told().failed) == (1, failed)
