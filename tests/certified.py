"""Folders as cert-manager lays them: certificate, key, authority."""

import os
import time
from pathlib import Path

from tests.sink import Authority

BEGIN = "-----BEGIN CERTIFICATE-----"


def lay(folder: Path, authority: Authority, *names: str, days: int = 1) -> Path:
    """A certificate for these names, for so many days, in a folder; one that is there is replaced."""
    folder.mkdir(exist_ok=True)
    key, _, chain = authority.file_for(*names, days=days).read_text().partition(BEGIN)
    for name, text in (("tls.key", key), ("ca.crt", authority.file.read_text()), ("tls.crt", BEGIN + chain)):  # fmt: skip
        (folder / name).write_text(text)
    later = time.time_ns()
    os.utime(folder / "tls.crt", ns=(later, later))
    return folder
