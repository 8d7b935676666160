"""The write-ahead log, piece by piece, into the backup folder: what a base needs to reach a second."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from kit.backup.seal import CERTIFICATE

SECONDS = 60
"""A piece is closed after so long at most: what a lost disk may cost."""
PLAIN, SEALED = ".gz", ".sealed"
PROGRAM = Path(__file__).with_suffix(".sh")


def lay(data: Path, certificate: Path | None) -> list[Path]:
    """Copies for the server's account of what it runs in the data folder; answers them."""
    made = []
    for file, name in ((PROGRAM, PROGRAM.name), (certificate, CERTIFICATE)):
        if file:
            (data / name).write_bytes(file.read_bytes())
            made.append(data / name)
    return made


def options(folder: Path, *, seal: bool) -> Mapping[str, str]:
    """Settings of a server whose finished pieces go into `folder`; a name taken by another piece is a failure."""
    return {
        "archive_mode": "on",
        "archive_command": _command("keep", folder, CERTIFICATE if seal else ""),
        "archive_timeout": str(SECONDS),
    }


def way_back(folder: Path, left: Path | None, key: Path | None) -> str:
    """The command that fetches a piece; what was never archived lies in the folder `left` behind, if any."""
    return _command("fetch", folder, str(key or ""), str(left or ""))


def _command(act: str, folder: Path, *given: str) -> str:
    """For the shell; the server puts its own words for %f and %p, so any other percent sign is doubled."""
    to, *rest = (shlex.quote(text).replace("%", "%%") for text in (str(folder), *given))
    return " ".join(("sh", PROGRAM.name, act, to, "%f", "%p", *rest))
