"""The client's journal: what was asked and what was accepted, on disk before anything else happens."""

import json
import os
from pathlib import Path


class Journal:
    """An append-only file outside of the system under test."""

    def __init__(self, file: Path) -> None:
        self.stream = file.open("a", encoding="utf-8")
        self.accepted: dict[str, str] = {}
        self.unknown = 0
        self.writes = 0

    def note(self, kind: str, filing_id: str, text: str = "") -> None:
        """Write a line and sync it."""
        self.stream.write(json.dumps([kind, filing_id, text]) + "\n")
        self.stream.flush()
        os.fsync(self.stream.fileno())
        if kind == "accepted":
            self.accepted[filing_id] = text
        self.unknown += kind == "unknown"
        self.writes += kind == "write"

    def close(self) -> None:
        """Close the file."""
        self.stream.close()
