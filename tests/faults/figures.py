"""Figures of a run, for the page that `make faults` writes; nothing where nobody asked."""

import json
import os
from pathlib import Path


def note(part: str, **figures: object) -> None:
    """Keep the figures of one part."""
    file = os.environ.get("MINZHENG_FAULT_FIGURES")
    if file:
        with Path(file).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"part": part, **figures}, ensure_ascii=False) + "\n")
