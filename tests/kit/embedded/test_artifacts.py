"""Artefacts come whole, checked, once; what was cut off goes on where it stopped."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kit.embedded.real import artifacts
from kit.embedded.real.artifacts import Fetch, Pin, mirrors, read_lock
from kit.embedded.sentences import StartError
from tests.platform import ROOT

CONTENT = bytes(range(256)) * 8000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PIN = Pin("org.example:thing:tar.gz:1.2", DIGEST)

pytestmark = pytest.mark.enable_socket


class Repository(ThreadingHTTPServer):
    """Answers with the content; `breaks` answers are cut off in the middle."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.breaks, self.ranges = False, list[str]()


class Answer(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        wanted = self.headers.get("range", "")
        self.server.ranges.append(wanted)
        rest = CONTENT[int(wanted.removeprefix("bytes=").rstrip("-") or 0) :]
        self.send_response(206 if wanted else 200)
        self.send_header("content-length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: len(rest) // 2] if self.server.breaks else rest)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    with Repository() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/thing"
        monkeypatch.setattr(artifacts, "locator", lambda: lambda _: address)
        yield server
        server.shutdown()
        thread.join()


def fetch(folder: Path, pin: Pin = PIN) -> list[str]:
    said: list[str] = []
    Fetch("Thing", [pin], folder, said.append).run()
    return said


def test_a_file_comes_once_with_counts(repository: Repository, tmp_path: Path) -> None:
    assert fetch(tmp_path)[-1].startswith("下载 Thing 1/1 个文件，2.0 MB")
    assert (tmp_path / "thing-1.2.tar.gz").read_bytes() == CONTENT
    assert fetch(tmp_path) == []
    assert repository.ranges == [""]


def test_what_was_cut_off_goes_on(repository: Repository, tmp_path: Path) -> None:
    repository.breaks = True
    with pytest.raises(StartError, match=r"org\.example:thing"):
        fetch(tmp_path)
    have = (tmp_path / "thing-1.2.tar.gz.part").stat().st_size
    assert 0 < have < len(CONTENT)
    repository.breaks = False
    fetch(tmp_path)
    assert repository.ranges == ["", f"bytes={have}-"]
    assert (tmp_path / "thing-1.2.tar.gz").read_bytes() == CONTENT


def test_what_is_not_in_the_lock_is_thrown_away(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="SHA-256"):
        fetch(tmp_path, Pin(PIN.coordinates, "0" * 64))
    assert [file.name for file in tmp_path.iterdir()] == [".lock"]


@pytest.mark.parametrize("part", ["kafka", "keycloak"])
def test_lock_files_name_coordinates_and_digests(part: str) -> None:
    pins = read_lock(ROOT / "deploy" / part / "artifacts.lock")
    assert pins
    assert all(len(pin.sha256) == 64 and pin.coordinates.count(":") in (2, 3) for pin in pins)
    assert len({pin.file for pin in pins}) == len(pins)


def test_the_mirror_of_the_machine_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "settings.xml"
    assert list(mirrors(file)) == []
    mirror = "<mirror><mirrorOf>{}</mirrorOf><url>{}</url></mirror>"
    rows = mirror.format("other", "http://a.invalid/") + mirror.format("x,central", "http://b.invalid/")  # fmt: skip
    file.write_text(f'<settings xmlns="urn:x"><mirrors>{rows}</mirrors></settings>')
    assert list(mirrors(file)) == ["http://b.invalid/"]
