"""A file put before the sandbox, as an upload puts it."""

import tempfile
from dataclasses import dataclass

from gateway.problems import HttpError
from gateway.uploads import sandbox
from kit.errors import Refusal


@dataclass(frozen=True)
class Seen:
    """What became of a file: type and what is kept, or code and sentence; what it cost."""

    media_type: str = ""
    kept: bytes = b""
    code: str = ""
    detail: str = ""
    status: int = 200
    seconds: float = 0.0
    peak: int = 0


def look(content: bytes) -> Seen:
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as copy:
        file.write(content)
        try:
            told = sandbox.run(file, copy)
        except Refusal as refusal:
            # Killed at its limit: it had 2 seconds and 200 MB and got no more.
            return Seen(code=refusal.code, detail=refusal.detail, status=422)
        cost = {"seconds": told["milliseconds"] / 1000, "peak": told["peak"]}
        try:
            found = sandbox.found_of(told, file, copy)
        except Refusal as refusal:
            return Seen(code=refusal.code, detail=refusal.detail, status=422, **cost)
        except HttpError as error:
            problem = error.problem
            return Seen(code=problem.code, detail=problem.detail, status=problem.status, **cost)
        found.content.seek(0)
        kept = found.content.read()
        assert len(kept) == found.size
        return Seen(found.media_type, kept, **cost)
