"""Crash points: one process dies at the armed point, nobody where they are off or in production."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kit import crash
from kit.settings import Settings

ROOT = Path(__file__).parents[2]
CALL = re.compile(r"(?:point|during)\(\s*[\w.\"]+,\s*\"(\w+)\"")
DIE = "from kit.crash import point; point('filing', 'before_commit'); print('lives')"


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings with the points on."""
    chosen = Settings(profile="test", crash_points=True, var=tmp_path)
    monkeypatch.setattr(crash, "settings", lambda: chosen)
    return tmp_path


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What would have been killed."""
    found: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: found.append((pid, number)))
    return found


def passing(var: Path, profile: str, on: str) -> subprocess.CompletedProcess[str]:
    """A process that passes the point."""
    chosen = {"MINZHENG_PROFILE": profile, "MINZHENG_CRASH_POINTS": on, "MINZHENG_VAR": str(var)}
    return subprocess.run(
        [sys.executable, "-c", DIE],
        cwd=ROOT, env=os.environ | chosen, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_the_armed_process_is_killed_and_the_next_one_passes(tmp_path: Path) -> None:
    (tmp_path / "crash").write_text("filing.before_commit")
    assert passing(tmp_path, "test", "1").returncode == -signal.SIGKILL
    assert passing(tmp_path, "test", "1").stdout == "lives\n"


def test_an_armed_point_kills_nobody_while_the_points_are_off(tmp_path: Path) -> None:
    (tmp_path / "crash").write_text("filing.before_commit")
    assert passing(tmp_path, "test", "0").stdout == "lives\n"


@pytest.mark.parametrize("text", ["notifications.before_commit", "filing.after_lock", ""])
def test_other_workloads_and_points_pass(
    var: Path, killed: list[tuple[int, int]], text: str
) -> None:
    (var / "crash").write_text(text)
    crash.point("filing", "before_commit")
    assert not killed
    assert (var / "crash").exists(), "it stays armed for the one who is meant"


async def test_a_statement_is_on_its_way_when_its_process_dies(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (var / "crash").write_text("filing.during_write")
    steps: list[str] = []
    monkeypatch.setattr(os, "kill", lambda *_: steps.append("killed"))

    async def statement() -> str:
        steps.append("sent")
        await asyncio.sleep(crash.ON_ITS_WAY * 20)
        steps.append("answered")
        return "row"

    assert await crash.during("filing", "during_write", statement()) == "row"
    assert steps == ["sent", "killed", "answered"]


def test_production_refuses_to_start_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = Settings(profile="production", crash_points=True)
    monkeypatch.setattr(crash, "settings", lambda: chosen)
    with pytest.raises(RuntimeError):
        crash.refuse_in_production()
    monkeypatch.setattr(crash, "settings", lambda: Settings(profile="production"))
    crash.refuse_in_production()


def test_the_points_are_those_in_the_code() -> None:
    folders = [ROOT / name for name in ("kit", "gateway", "services")]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    named = {name for file in files for name in CALL.findall(file.read_text())}
    assert named == set(crash.POINTS)
