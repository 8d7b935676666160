"""What is taken out of a base: files and folders inside it, and nothing that leads elsewhere."""

import io
import tarfile
from pathlib import Path

import pytest

from kit.backup.recover import _extract


def packed(*members: tarfile.TarInfo) -> tarfile.TarFile:
    """A stream as the server makes them, each file with the content "x"."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w|") as tar:
        for member in members:
            member.size = int(member.isfile())
            tar.addfile(member, io.BytesIO(b"x"))
    stream.seek(0)
    return tarfile.open(fileobj=stream, mode="r|")


def member(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    """An entry that leads to the folder above, where it leads anywhere."""
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, ".."
    return found


def test_files_and_folders_are_taken_out(tmp_path: Path) -> None:
    with packed(member("base", tarfile.DIRTYPE), member("base/1"), member("global/1")) as tar:
        _extract(tar, tmp_path)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert sorted(str(file.relative_to(tmp_path)) for file in files) == ["base/1", "global/1"]
    assert {file.read_bytes() for file in files} == {b"x"}


@pytest.mark.parametrize(
    "stranger",
    [
        member("../out"),
        member("/proc/out"),
        member("x", tarfile.SYMTYPE),
        member("x", tarfile.FIFOTYPE),
    ],
    ids=["above", "absolute", "link", "pipe"],
)
def test_what_leads_elsewhere_is_no_base(tmp_path: Path, stranger: tarfile.TarInfo) -> None:
    inside = tmp_path / "data"
    with packed(stranger) as tar, pytest.raises(tarfile.TarError):
        _extract(tar, inside)
    assert list(tmp_path.iterdir()) == []
