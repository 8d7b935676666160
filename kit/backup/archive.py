"""The write-ahead log, piece by piece, into the backup folder: what a base needs to reach a second."""

import shlex
from collections.abc import Mapping
from pathlib import Path

SECONDS = 60
"""A piece is closed after so long at most: what a lost disk may cost."""


def options(folder: Path) -> Mapping[str, str]:
    """Settings of a server whose finished pieces go into `folder`; a taken name is a failure."""
    to = _quoted(folder / "%f.gz")
    part = _quoted(folder / "%f.part")
    kept = f"if test -e {to}; then gunzip -c {to} | cmp -s - %p; exit; fi"
    keep = f"gzip -1 -c %p > {part} && sync {part} && mv {part} {to}"
    return {
        "archive_mode": "on",
        "archive_command": f"{kept}; {keep}",
        "archive_timeout": str(SECONDS),
    }


def way_back(folder: Path, left: Path | None) -> str:
    """The command that fetches a piece; what was never archived lies in the folder `left` behind, if any."""
    there = _quoted(folder / "%f.gz")
    archived = f"test -e {there} && gunzip -c {there} > %p"
    if left is None:
        return archived
    last = _quoted(left / "%f")
    return f"if {archived}; then exit 0; fi; test -e {last} && cp {last} %p"


def _quoted(file: Path) -> str:
    """For the shell; the server puts its own words for %f, so any other percent sign is doubled."""
    text = shlex.quote(str(file.parent)).replace("%", "%%")
    return f"{text}/{file.name}"
