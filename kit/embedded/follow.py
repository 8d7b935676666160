"""What the terminal shows of a process's log: warnings and worse; the whole log stays in its file."""

import json
from collections.abc import Iterator
from pathlib import Path

LOUD = frozenset({"warning", "warn", "error", "critical", "fatal"})
AT_ONCE = 20
"""Lines shown of one look; the rest is counted only."""


class Follower:
    """Reads what a log file gained since the last look."""

    def __init__(self, name: str, file: Path) -> None:
        self.name = name
        self.file = file
        self.position = self._size()
        self.rest = b""

    def _size(self) -> int:
        return self.file.stat().st_size if self.file.exists() else 0

    def lines(self) -> list[str]:
        """New lines worth showing, with the name of the process before them."""
        loud = [line for line in map(noteworthy, self._new()) if line]
        shown = loud[:AT_ONCE]
        if loud[AT_ONCE:]:
            shown.append(f"… {len(loud) - AT_ONCE} more lines in {self.file}")
        return [f"{self.name:<14}| {line}" for line in shown]

    def _new(self) -> Iterator[str]:
        size = self._size()
        if size < self.position:  # the file was rotated
            self.position = 0
        if size == self.position:
            return
        with self.file.open("rb") as stream:
            stream.seek(self.position)
            *whole, self.rest = (self.rest + stream.read()).split(b"\n")
            self.position = stream.tell()
        yield from (line.decode(errors="replace") for line in whole)


def noteworthy(line: str) -> str:
    """A log line for the terminal; empty when it is no warning. What is not JSON is always shown."""
    try:
        record = json.loads(line)
    except ValueError:
        return line.rstrip()
    if not isinstance(record, dict):
        return line.rstrip()
    if str(record.get("level")).lower() not in LOUD:
        return ""
    error = f" ({record['error']}, {record['where'][-1]})" if record.get("where") else ""
    logger = record.get("logger") or record.get("loggerName", "")
    return f"{record['level'].lower()} {logger}: {record.get('message', '')}{error}"
