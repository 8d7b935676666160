"""What the terminal shows of a log file."""

import json
from pathlib import Path

import pytest

from kit.embedded.follow import AT_ONCE, Follower, noteworthy


def record(level: str, message: str, **more: object) -> str:
    return json.dumps({"level": level, "logger": "kit.x", "message": message, **more})


@pytest.mark.parametrize("level", ["debug", "info"])
def test_quiet_levels_stay_in_the_file(level: str) -> None:
    assert noteworthy(record(level, "all is well")) == ""


@pytest.mark.parametrize("level", ["warning", "error", "critical"])
def test_warnings_and_worse_are_shown(level: str) -> None:
    assert noteworthy(record(level, "trouble")) == f"{level} kit.x: trouble"


def test_an_error_is_shown_with_its_type_and_place() -> None:
    line = record("error", "failed", error="OSError", where=["a.py:1 f", "b.py:2 g"])
    assert noteworthy(line) == "error kit.x: failed (OSError, b.py:2 g)"


@pytest.mark.parametrize("line", ["Traceback (most recent call last):", "7", '"text"', "{broken"])
def test_what_is_no_record_is_shown_as_it_is(line: str) -> None:
    assert noteworthy(line) == line


def test_only_new_and_whole_lines_are_shown(tmp_path: Path) -> None:
    file = tmp_path / "filing.log"
    file.write_text("before the start\n")
    follower = Follower("filing", file)
    with file.open("a") as stream:
        stream.write(record("error", "one") + "\n" + "half")
    assert follower.lines() == ["filing        | error kit.x: one"]
    with file.open("a") as stream:
        stream.write(" a line\n")
    assert follower.lines() == ["filing        | half a line"]
    assert follower.lines() == []


def test_a_rotated_file_is_read_from_its_beginning(tmp_path: Path) -> None:
    file = tmp_path / "filing.log"
    file.write_text("a long line of the former file\n")
    follower = Follower("filing", file)
    file.replace(tmp_path / "filing.log.1")
    assert follower.lines() == []
    file.write_text("new\n")
    assert follower.lines() == ["filing        | new"]


def test_a_flood_is_counted_instead_of_shown(tmp_path: Path) -> None:
    follower = Follower("filing", tmp_path / "filing.log")
    follower.file.write_text("again\n" * (AT_ONCE + 7))
    lines = follower.lines()
    assert len(lines) == AT_ONCE + 1
    assert "… 7 more lines" in lines[-1]
