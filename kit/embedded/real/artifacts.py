"""Published artefacts by their coordinates: fetched once, checked by SHA-256, kept outside the tree."""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from kit.embedded.sentences import StartError

AT_ONCE = 4
SECONDS = 60.0
"""Longest silence of the repository."""
CHUNK = 1 << 16
SAY_SECONDS = 2.0
CLIENT_SETTINGS = Path("~/.m2/settings.xml")
"""Where Maven's own client reads which mirror to ask."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pin:
    """An artefact and the SHA-256 it must have: `group:artifact[:extension]:version`."""

    coordinates: str
    sha256: str

    @property
    def file(self) -> str:
        """Its file name."""
        parts = self.coordinates.split(":")
        extension = parts[2] if len(parts) == 4 else "jar"
        return f"{parts[1]}-{parts[-1]}.{extension}"


def read_lock(file: Path) -> list[Pin]:
    """The pins of a lock file; `#` begins a comment line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = (line.rpartition(":") for line in lines if line and not line.startswith("#"))
    return [Pin(coordinates, digest) for coordinates, _, digest in rows]


@dataclass
class Fetch:
    """Brings the files of a lock into a folder; what is there and right is not asked for again.

    A file that was cut off goes on where it stopped. Raises StartError with the artefact's name.
    """

    title: str
    pins: list[Pin]
    folder: Path
    say: Say
    received: int = 0
    done: int = 0
    said: float = 0.0

    def __post_init__(self) -> None:
        self.lock = threading.Lock()

    def run(self) -> list[Path]:
        """The files, all checked."""
        self.folder.mkdir(parents=True, exist_ok=True)
        missing = [pin for pin in self.pins if not right(self.folder / pin.file, pin)]
        if missing:
            self._bring(missing)
        return [self.folder / pin.file for pin in self.pins]

    def _bring(self, missing: list[Pin]) -> None:
        self.done = len(self.pins) - len(missing)
        locate = locator()
        self._tell()
        with claimed(self.folder), ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(lambda pin: self._one(pin, locate(pin)), missing):
                self.done += 1
        self._tell()

    def _one(self, pin: Pin, address: str) -> None:
        target = self.folder / pin.file
        if right(target, pin):  # another run brought it while this one waited
            return
        part = target.with_name(f"{target.name}.part")
        try:
            with part.open("ab") as file:
                for chunk in received(address, file.tell(), file.truncate):
                    file.write(chunk)
                    self._count(len(chunk))
        except OSError as error:
            raise StartError(
                f"{self.title}：无法取得 {pin.coordinates}({type(error).__name__})，再次启动时将从断点继续。\n"
                f"{self.title}: {pin.coordinates} could not be fetched; the next start goes on from there."
            ) from error
        if not right(part, pin):
            part.unlink()
            raise StartError(
                f"{self.title}:{pin.coordinates} 的 SHA-256 与清单不符，已删除。\n"
                f"{self.title}: {pin.coordinates} is not what the lock file says; removed."
            )
        part.replace(target)

    def _count(self, size: int) -> None:
        with self.lock:
            self.received += size
            if time.monotonic() - self.said > SAY_SECONDS:
                self._tell()

    def _tell(self) -> None:
        self.said = time.monotonic()
        counts = f"{self.done}/{len(self.pins)}"
        size = self.received / 1e6
        self.say(f"下载 {self.title} {counts} 个文件，{size:.1f} MB / fetching {self.title}: {counts} files")  # fmt: skip


def right(file: Path, pin: Pin) -> bool:
    """The file is there and has the digest of its pin."""
    if not file.exists():
        return False
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == pin.sha256


def received(address: str, have: int, restart: Callable[[int], Any]) -> Iterator[bytes]:
    """The rest of a file after `have` bytes; `restart(0)` first where the server sends it whole."""
    import requests

    headers = {"Range": f"bytes={have}-"} if have else {}
    with requests.get(address, headers=headers, stream=True, timeout=SECONDS) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return
        answer.raise_for_status()
        if have and answer.status_code != requests.codes.partial_content:
            restart(0)
        yield from answer.iter_content(CHUNK)


def locator() -> Callable[[Pin], str]:
    """From a pin to its address, as Maven's client on this machine is set up."""
    try:
        from maven_artifact.artifact import Artifact
        from maven_artifact.downloader import Downloader
    except ImportError as error:
        raise StartError(
            "缺少取件工具，请用 make run-real 安装。\nThe fetcher is not installed: `make run-real` does it."
        ) from error
    mirror = next(mirrors(CLIENT_SETTINGS.expanduser()), None)
    resolver = (Downloader(mirror) if mirror else Downloader()).resolver
    return lambda pin: str(resolver.uri_for_artifact(Artifact.parse(pin.coordinates)))


def mirrors(file: Path) -> Iterator[str]:
    """Addresses of the mirrors of Maven's central repository that the client's settings name."""
    if not file.exists():
        return
    for mirror in ElementTree.parse(file).getroot().iterfind(".//{*}mirror"):  # noqa: S314 - own file
        of, address = mirror.findtext("{*}mirrorOf"), mirror.findtext("{*}url")
        if address and of and {"*", "central"} & set(of.split(",")):
            yield address


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """One run at a time brings files into a folder; others wait."""
    import fcntl

    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def cache_folder(chosen: Path | None) -> Path:
    """The chosen folder, or ours below the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return chosen or Path(base).expanduser() / "minzheng"
