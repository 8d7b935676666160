"""One keeper of a data folder, also where it becomes another program."""

import subprocess
import sys
from pathlib import Path

import pytest

from kit.embedded.alone import alone
from kit.embedded.sentences import StartError

KEEPER = """import os, sys, pathlib
from kit.embedded.alone import alone_for_good
alone_for_good(pathlib.Path(sys.argv[1]))
os.execv("/bin/sh", ["sh", "-c", "echo kept; read line"])"""


def test_a_program_that_somebody_became_keeps_the_folder_until_it_ends(tmp_path: Path) -> None:
    command = (sys.executable, "-c", KEEPER, str(tmp_path))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as keeper:
        assert keeper.stdout is not None
        assert keeper.stdout.readline() == b"kept\n"
        with pytest.raises(StartError, match=rf"process {keeper.pid}"), alone(tmp_path):
            pass
        keeper.communicate(b"\n")
    with alone(tmp_path):
        assert (tmp_path / "minzheng.pid").exists()
