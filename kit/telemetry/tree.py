"""The spans of a trace, from the files the processes write, as an indented tree."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Span = Mapping[str, Any]


def spans(folder: Path, trace_id: str) -> list[Span]:
    """Spans of a trace and of the traces linked to it, in the order of their start."""
    found: dict[str, Span] = {}
    every = list(_read(folder))
    wanted = {trace_id}
    while True:
        more = [s for s in every if s["span_id"] not in found and _belongs(s, wanted)]
        if not more:
            return sorted(found.values(), key=lambda span: span["start_ns"])
        found |= {span["span_id"]: span for span in more}
        wanted |= {span["trace_id"] for span in more}


def _belongs(span: Span, wanted: set[str]) -> bool:
    linked = {link.partition(":")[0] for link in span["links"]}
    return span["trace_id"] in wanted or bool(linked & wanted)


def _read(folder: Path) -> Iterator[Span]:
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8") as stream:
            for line in stream:
                if line.endswith("\n"):
                    yield json.loads(line)


def size(folder: Path) -> int:
    """Bytes of all files: every one is read for a tree."""
    return sum(file.stat().st_size for file in folder.glob("*.jsonl"))


def tree(folder: Path, trace_id: str) -> list[str]:
    """Lines of the tree, those that failed marked; a span only linked stands under what it is linked to."""
    found = spans(folder, trace_id)
    ids = {span["span_id"] for span in found}
    children: dict[str, list[Span]] = {}
    for span in found:
        children.setdefault(_above(span, ids), []).append(span)
    return list(_lines(children, "", 0))


def _above(span: Span, ids: set[str]) -> str:
    if span["parent_id"] in ids:
        return str(span["parent_id"])
    linked = [link.rpartition(":")[2] for link in span["links"]]
    return next((one for one in linked if one in ids), "")


def _lines(children: Mapping[str, list[Span]], above: str, depth: int) -> Iterator[str]:
    for span in children.get(above, ()):
        milliseconds = (span["end_ns"] - span["start_ns"]) / 1e6
        mark = "" if span["parent_id"] else " (linked)" if span["links"] else ""
        mark += " failed" if span.get("status") == "ERROR" else ""
        yield f"{'  ' * depth}{span['name']} [{span['process']}] {milliseconds:.1f} ms{mark}"
        yield from _lines(children, span["span_id"], depth + 1)
