"""Backup and restore on a whole platform: the second is reached, nothing before it is lost, all is in order."""

import asyncio
from pathlib import Path

import pytest

from tests.operations.drill import play, prepared

pytestmark = pytest.mark.enable_socket
LIVES = 3


def test_a_platform_comes_back_to_a_second(open_folder: Path, tmp_path: Path) -> None:
    folder = open_folder / "restored"
    folder.mkdir(mode=0o755)
    platform = prepared(folder)
    drill = asyncio.run(play(platform, tmp_path, LIVES))
    assert platform.stop() == 0
    assert drill.seconds["restore"] < 60
    given_up = list((folder / "var" / "checkpoints").glob("*.given-up-*.jsonl"))
    assert all(file.read_text().endswith("\n") for file in given_up)
