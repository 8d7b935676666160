"""Exports: what may follow on what."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from kit.errors import Refusal
from services.filing.domain import exports as domain
from services.filing.domain.exports import Export, State

NOW = datetime(2026, 3, 18, 9, tzinfo=UTC)
TODAY = date(2026, 3, 18)
ASKED = Export("e", "clerk", "/460000000000/", "街道（乡镇）经办", "XLSX", {}, {}, NOW)


def code(error: pytest.ExceptionInfo[Refusal]) -> str:
    return error.value.code


@pytest.mark.parametrize("state", [State.WAITING, State.RUNNING])
def test_what_is_under_way_can_be_cancelled(state: State) -> None:
    after = domain.cancel(replace(ASKED, state=state), NOW)
    assert (after.state, after.version, after.ended_at) == (State.CANCELLED, 2, NOW)


@pytest.mark.parametrize("state", [State.DONE, State.CANCELLED, State.FAILED, State.OVER])
def test_what_has_ended_cannot_be_cancelled(state: State) -> None:
    with pytest.raises(Refusal) as error:
        domain.cancel(replace(ASKED, state=state), NOW)
    assert code(error) == "filing.export_ended"


def test_a_file_is_kept_for_a_week() -> None:
    done = domain.finished(ASKED, 3, "ab", 10, NOW, TODAY)
    assert (done.state, done.done, done.kept_until) == (State.DONE, 3, TODAY + timedelta(days=7))
    domain.expect_file(done, TODAY + timedelta(days=7))
    with pytest.raises(Refusal) as error:
        domain.expect_file(done, TODAY + timedelta(days=8))
    assert code(error) == "common.not_found"


def test_a_file_that_is_being_made_is_not_there_yet() -> None:
    with pytest.raises(Refusal) as error:
        domain.expect_file(ASKED, TODAY)
    assert code(error) == "filing.export_not_ready"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(0, "filing.export_empty"), (domain.MOST + 1, "filing.export_too_many")],
)
def test_neither_nothing_nor_everything_is_exported(rows: int, expected: str) -> None:
    with pytest.raises(Refusal) as error:
        domain.expect_size(rows)
    assert code(error) == expected


def test_a_person_has_only_so_many_at_work() -> None:
    domain.expect_room(domain.AT_WORK - 1)
    with pytest.raises(Refusal) as error:
        domain.expect_room(domain.AT_WORK)
    assert code(error) == "filing.exports_at_work"
