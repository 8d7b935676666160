"""A file put before the sandbox, as an upload puts it."""

import tempfile
from dataclasses import dataclass

from gateway.problems import HttpError
from gateway.uploads import sandbox
from gateway.uploads.inspection.child import MAX_MEMORY, MAX_SECONDS
from kit.errors import Refusal


@dataclass(frozen=True)
class Seen:
    """What became of a file: type and what is kept, or code and sentence; what it cost.

    `seconds` are of the processor, so other work on the machine does not count.
    """

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
            # Killed at its limits: it told nothing, and got no more than they give.
            most = {"seconds": float(MAX_SECONDS), "peak": MAX_MEMORY}
            return Seen(code=refusal.code, detail=refusal.detail, status=422, **most)
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
