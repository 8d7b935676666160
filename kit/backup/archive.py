"""The write-ahead log, piece by piece, into the backup folder: what a base needs to reach a second.

Shell, as the server's account runs it in the data folder. A sealed piece is a line with a hash of name
and content, then the piece, compressed, as CMS: one file, that is there whole or not at all.
"""

import shlex
from collections.abc import Mapping
from pathlib import Path

from kit.backup.seal import CERTIFICATE

SECONDS = 60
"""A piece is closed after so long at most: what a lost disk may cost."""
PLAIN, SEALED = ".gz", ".sealed"
SEAL = (
    "openssl cms -encrypt -binary -stream -outform DER -aes-256-gcm"
    f" -recip {CERTIFICATE} -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256"
)
"""With the certificate's copy in the data folder."""
HELD = "pg_stat_tmp/piece.gz"
"""A file instead of a pipe: every program's failure counts. In no base; the server leaves it alone."""
MARK = "openssl dgst -sha256 -hmac %f -r < %p"
"""No secret: 16 MB with numbers and times of the server are not guessed from it."""
DAMAGED = 200
"""The server gives up at such a code, where any lower one tells it that the log ends here."""


def options(folder: Path, *, seal: bool) -> Mapping[str, str]:
    """Settings of a server whose finished pieces go into `folder`; a name taken by another piece is a failure."""
    plain, sealed, part = (_quoted(folder / f"%f{end}") for end in (PLAIN, SEALED, ".part"))
    taken = (
        f"if test -e {plain}; then gunzip -c {plain} | cmp -s - %p; exit; fi; "
        f'if test -e {sealed}; then read -r mark < {sealed}; test "$mark" = "$({MARK})"; exit; fi'
    )
    keep = f"gzip -1 -c %p > {HELD} && {{ {MARK} && {SEAL} -in {HELD}; }} > {part}"
    if not seal:
        keep = f"gzip -1 -c %p > {part}"
    to = sealed if seal else plain
    return {
        "archive_mode": "on",
        "archive_command": f"{taken}; {keep} && sync {part} && mv {part} {to}",
        "archive_timeout": str(SECONDS),
    }


def way_back(folder: Path, left: Path | None, key: Path | None) -> str:
    """The command that fetches a piece; what was never archived lies in the folder `left` behind, if any.

    A piece that is there and cannot be opened ends the recovery, where `left` does not have it.
    """
    plain, sealed = _quoted(folder / f"%f{PLAIN}"), _quoted(folder / f"%f{SEALED}")
    opened = (
        f"{{ read -r mark && openssl cms -decrypt -inform DER -inkey {_quoted(key)} -out {HELD}; }}"
        f' < {sealed} && gunzip -c {HELD} > %p && test "$mark" = "$({MARK})"'
        if key
        else "false"
    )
    steps = [
        f"code=1; if test -e {sealed}; then {opened} && exit 0; code={DAMAGED}",
        f"elif test -e {plain}; then gunzip -c {plain} > %p && exit 0; code={DAMAGED}",
        "fi",
    ]
    if left:
        last = _quoted(left / "%f")
        steps.append(f"test -e {last} && cp {last} %p && exit 0")
    return "; ".join([*steps, "exit $code"])


def _quoted(file: Path) -> str:
    """For the shell; the server puts its own words for %f, so any other percent sign is doubled."""
    text = shlex.quote(str(file.parent)).replace("%", "%%")
    return f"{text}/{file.name}"
