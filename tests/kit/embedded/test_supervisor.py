"""The supervisor and its database; a start that cannot succeed is given up with the log's name."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kit.embedded import supervisor as module
from kit.embedded.child import Child
from kit.embedded.postgres import Postgres
from kit.embedded.sentences import StartError
from kit.embedded.supervisor import Supervisor
from tests.platform import ROOT


class Database(Postgres):
    """A database that is down, and comes back at the second try."""

    def __init__(self, var: Path, trouble: Exception) -> None:
        super().__init__(var / "postgres", 1, None, var / "secrets", var / "postgres.log")
        self.trouble = trouble
        self.tries: list[float] = []
        self.supervisor: Supervisor | None = None

    def start(self) -> None:
        self.tries.append(time.monotonic())
        if len(self.tries) == 1:
            raise self.trouble
        assert self.supervisor is not None
        self.supervisor.stopping = True


@pytest.mark.parametrize("trouble", [StartError("no luck yet"), OSError("no luck yet")])
def test_a_database_that_ends_is_started_again_ever_later(
    tmp_path: Path, trouble: Exception
) -> None:
    said: list[str] = []
    database = Database(tmp_path, trouble)
    (tmp_path / "run").mkdir()
    database.supervisor = supervisor = Supervisor(tmp_path, said.append, database)
    supervisor.keep()
    first, second = database.tries
    assert second - first >= 0.4
    assert supervisor.database_restarts == 2
    assert said[1] == "no luck yet"
    assert str(database.log) in said[0]


def test_a_process_that_never_serves_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_TRIES", 2)
    said: list[str] = []
    (tmp_path / "run").mkdir()

    def broken() -> None:
        raise RuntimeError("a wrong setting")

    child = Child("filing", broken, tmp_path / "log" / "filing.log")
    supervisor = Supervisor(tmp_path, said.append)
    with pytest.raises(StartError, match=r"filing\.log"):
        supervisor.start([child])
    supervisor.stop()
    assert child.restarts == 2
    assert "filing        | RuntimeError: a wrong setting" in said


def test_production_does_not_run_from_one_command(tmp_path: Path) -> None:
    environment = os.environ | {"MINZHENG_PROFILE": "production", "MINZHENG_VAR": str(tmp_path)}
    command = [sys.executable, "-m", "kit.cli", "up"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "minzheng serve" in done.stdout
    assert not (tmp_path / "postgres").exists()
