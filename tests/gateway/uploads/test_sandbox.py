"""The child: held to its limits, without our environment, and never believed when it fails."""

import io
import resource
import subprocess
import sys
import tempfile

import pytest

from gateway.uploads import sandbox
from gateway.uploads.inspection import child
from gateway.uploads.sandbox import COMMAND, Sandbox, answer_of, run
from kit.errors import Kind, Refusal
from tests.gateway.uploads.pdfs import GOOD

LIMITED = "import sys; sys.path.insert(0, {root!r}); from gateway.uploads.inspection import child; child.limit(); "


def ended(code: int = 0, told: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.CompletedProcess((), code, told)


def limited(program: str) -> "subprocess.CompletedProcess[bytes]":
    """A program of ours under the child's limits."""
    text = LIMITED.format(root=str(sandbox.ROOT)) + program
    return subprocess.run((sys.executable, "-I", "-S", "-c", text), capture_output=True, env={})


def spent() -> float:
    """Processor seconds of children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_memory_ends_at_its_limit() -> None:
    assert b"MemoryError" in limited("bytearray(190 << 20)").stderr
    assert limited("bytearray(100 << 20)").returncode == 0


def test_time_ends_at_its_limit() -> None:
    before = spent()
    killed = limited("exec('while True: pass')")
    assert 1.5 < spent() - before < 2.5
    with pytest.raises(Refusal) as refused:
        answer_of(killed)
    assert refused.value.code == "upload.too_complex"


def test_what_is_written_ends_at_its_limit() -> None:
    assert child.MAX_WRITTEN < 32 << 20
    program = "open('/proc/self/fd/1', 'wb').write(bytes(32 << 20))"
    text = LIMITED.format(root=str(sandbox.ROOT)) + program
    with tempfile.TemporaryFile() as file:
        made = subprocess.run((sys.executable, "-I", "-S", "-c", text), stdout=file, stderr=-1)
    assert b"File too large" in made.stderr


@pytest.mark.parametrize(
    ("code", "told"),
    [(1, b""), (-11, b""), (0, b'{"failed": "KeyError"}')],
    ids=["failed", "crashed", "surprised"],
)
def test_a_child_that_fails_is_a_refusal(code: int, told: bytes, caplog) -> None:
    with pytest.raises(Refusal) as refused:
        answer_of(ended(code, told))
    assert refused.value.code == "upload.damaged"
    assert "inspection failed" in caplog.text


def test_the_child_has_no_environment_and_no_site_packages(monkeypatch) -> None:
    monkeypatch.setenv("MINZHENG_SECRET", "x")
    seen = {}

    def spy(command, **options):
        seen.update(options)
        return ended(0, b'{"media_type": "application/pdf", "milliseconds": 1, "peak": 1}')

    monkeypatch.setattr(sandbox.subprocess, "run", spy)
    with tempfile.TemporaryFile() as content, tempfile.TemporaryFile() as copy:
        run(content, copy)
    assert (seen["env"], seen["cwd"]) == ({}, "/")
    assert {"-I", "-S"} <= set(COMMAND)


def test_a_child_that_hangs_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 0.2)
    monkeypatch.setattr(sandbox, "COMMAND", (sys.executable, "-c", "import time; time.sleep(30)"))
    with (
        tempfile.TemporaryFile() as content,
        tempfile.TemporaryFile() as copy,
        pytest.raises(Refusal) as refused,
    ):
        run(content, copy)
    assert refused.value.code == "upload.too_complex"


async def test_when_all_are_busy_it_says_so(monkeypatch) -> None:
    monkeypatch.setattr(sandbox, "WAIT_SECONDS", 0.05)
    busy = Sandbox()
    while not busy.free.locked():
        await busy.free.acquire()
    with pytest.raises(Refusal) as refused:
        await busy.look(io.BytesIO(GOOD), io.BytesIO())
    assert (refused.value.kind, refused.value.code) == (Kind.UNAVAILABLE, "upload.busy")
