"""The supervisor: restarts with back-off, stops in order, is alone, cleans up after a kill -9."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from kit.embedded.sentences import StartError, require_free
from tests.platform import ROOT

PROGRAM = """
import sys, time
from pathlib import Path
from kit.embedded import ready
from kit.embedded.child import Child
from kit.embedded.sentences import StartError
from kit.embedded.supervisor import Supervisor
var = Path(sys.argv[1])
def steady():
    ready.notify()
    time.sleep(600)
def brittle():
    ready.notify()
    with (var / "brittle").open("a") as stream:
        stream.write("x")
    time.sleep(0.2)
    raise SystemExit(3)
children = [Child("first", steady, var / "log/first.log"), Child("second", brittle if "brittle" in sys.argv else steady, var / "log/second.log")]
supervisor = Supervisor(var, lambda text: print(text, flush=True))
try:
    with supervisor.alone():
        supervisor.start(children)
        print("up", flush=True)
        supervisor.keep()
        supervisor.stop()
except StartError as error:
    print(error)
    raise SystemExit(1)
"""


def run(var: Path, *arguments: str) -> subprocess.Popen[str]:
    """A supervisor of two dummy children, once it is up."""
    command = [sys.executable, "-c", PROGRAM, str(var), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def finish(process: subprocess.Popen[str]) -> int:
    """Stop it as Ctrl-C does."""
    process.send_signal(signal.SIGINT)
    code = process.wait(10)
    assert process.stdout is not None
    process.stdout.close()
    return code


def children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children()


def test_it_stops_cleanly(tmp_path: Path) -> None:
    process = run(tmp_path)
    alive = children(process)
    assert len(alive) == 2
    assert finish(process) == 0
    assert [one for one in alive if one.is_running() and one.status() != "zombie"] == []
    assert not (tmp_path / "run/processes.json").exists()


def test_what_dies_is_started_again_ever_later(tmp_path: Path) -> None:
    process = run(tmp_path, "brittle")
    time.sleep(3)
    starts = len((tmp_path / "brittle").read_text())
    assert finish(process) == 0
    assert 2 <= starts <= 5, "0.4, 0.8, 1.6 s between the starts"


def test_a_killed_child_comes_back(tmp_path: Path) -> None:
    process = run(tmp_path)
    victim = children(process)[0]
    victim.kill()
    end = time.monotonic() + 5
    while victim.pid in [one.pid for one in children(process)] or len(children(process)) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert finish(process) == 0


def test_a_second_one_is_refused(tmp_path: Path) -> None:
    process = run(tmp_path)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10)
    assert second.returncode == 1
    assert "MINZHENG_VAR" in second.stdout
    assert finish(process) == 0


def test_a_killed_supervisor_takes_its_children_along(tmp_path: Path) -> None:
    process = run(tmp_path)
    orphans = children(process)
    process.kill()
    process.wait(5)
    assert process.stdout is not None
    process.stdout.close()
    assert psutil.wait_procs(orphans, timeout=5)[1] == []
    again = run(tmp_path)
    assert finish(again) == 0


def test_a_taken_port_names_its_setting() -> None:
    import socket

    with pytest.MonkeyPatch.context() as patch:
        taken = OSError(98, os.strerror(98))

        class Taken:
            def __enter__(self) -> "Taken":
                return self

            def __exit__(self, *_: object) -> None: ...

            def setsockopt(self, *_: object) -> None: ...

            def bind(self, _: object) -> None:
                raise taken

        patch.setattr(socket, "socket", Taken)
        with pytest.raises(StartError, match="MINZHENG_HTTP_PORT"):
            require_free("127.0.0.1", 8080, "MINZHENG_HTTP_PORT")
