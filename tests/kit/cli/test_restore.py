"""`minzheng restore` where it may not be, and what it says of what it did not do."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import httpx
import pytest
from typer.testing import CliRunner

from kit.backup import trial
from kit.backup.checks import Finding
from kit.backup.folder import Base, last_restore, note_restore
from kit.backup.recover import Recovered
from kit.cli import restore
from kit.cli.app import app
from kit.embedded.sentences import StartError
from kit.embedded.sign_in import SignInError
from kit.settings import Settings, settings

SECOND = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The backup folder of a platform in production, whose server comes back by itself."""
    found = {"profile": "production", "var": tmp_path / "var", "backup": tmp_path / "backup"}
    for name, value in found.items():
        monkeypatch.setattr(settings(), name, value)
    base = Base(tmp_path / "base", SECOND, SECOND, 7, "0" * 24)

    @contextmanager
    def recovered(*_: object) -> Iterator[Any]:
        yield None, Recovered(base, SECOND, 0.0, 0.0, None)

    async def in_order(*_: object) -> None:
        """Nothing to be put in order."""

    monkeypatch.setattr(restore, "recovered", recovered)
    monkeypatch.setattr(restore, "_in_order", in_order)
    (tmp_path / "backup").mkdir()
    return tmp_path / "backup"


def test_without_a_trial_it_says_what_nobody_looked_at(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StartError, match="Production has its own"):
        restore.restore(SECOND.isoformat())
    restore.restore(SECOND.isoformat(), tried=False)
    assert "NOT TRIED: neither signing in nor the facts" in capsys.readouterr().out
    assert last_restore(folder) == SECOND


@pytest.mark.parametrize("holds", [True, False])
def test_what_was_not_tried_is_looked_at_as_of_the_second(
    folder: Path, monkeypatch: pytest.MonkeyPatch, holds: bool
) -> None:
    asked: list[datetime] = []

    async def tried(_: Settings, report: restore.Report, to: datetime, who: object) -> None:
        asked.append(to)
        assert who is None
        report.found(Finding("facts", holds, "seen"))

    monkeypatch.setattr(restore, "_tried", tried)
    note_restore(folder, SECOND, Base(folder, SECOND, SECOND, 7, ""))
    if holds:
        restore.restore_check()
    else:
        with pytest.raises(SystemExit):
            restore.restore_check()
    assert asked == [SECOND]


def test_the_door_is_asked_where_the_sign_on_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Settings(
        gateway_url="http://gateway:8080",
        public_url="https://a.example",
        issuer="https://b.example",
    )

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url == "http://gateway:8080/sign-in"
        return httpx.Response(303, headers={"location": "https://b.example/auth"})

    browser = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(trial.httpx, "AsyncClient", lambda **_: browser)
    assert asyncio.run(trial.signs_in(config, None)).holds


@pytest.mark.parametrize(
    ("account", "typed"), [("clerk", "a:secret\n123456\n"), ("clerk:a:secret", "123456\n")]
)
def test_what_lacks_of_an_account_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, account: str, typed: str
) -> None:
    seen: list[tuple[str, str, str]] = []

    async def tried(*told: Any) -> None:
        who = told[-1]
        assert "secret" not in repr(who)
        seen.append((who.name, who.password, who.otp()))

    monkeypatch.setattr(restore, "_tried", tried)
    note_restore(folder, SECOND, Base(folder, SECOND, SECOND, 7, ""))
    done = CliRunner().invoke(app, ["restore-check", "--account", account], input=typed)
    assert (done.exit_code, seen) == (0, [("clerk", "a:secret", "123456")]), done.output
    assert "secret" not in done.output


async def test_a_sign_on_that_is_away_or_refuses_is_a_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    who = trial.Account("clerk", "secret")
    for error in (SignInError("user name or password refused"), httpx.ConnectError("")):
        monkeypatch.setattr(trial, "sign_in", AsyncMock(side_effect=error))
        found = await trial.signs_in(settings(), who)
        assert not found.holds
        assert found.said == f"clerk: {error or 'ConnectError'}"
