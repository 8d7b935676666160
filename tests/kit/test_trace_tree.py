"""`minzheng trace`: the spans of several processes as one tree."""

import json
from pathlib import Path

from kit.telemetry.tree import tree

ONE, TWO, OTHER = "a" * 32, "b" * 32, "c" * 32


def write(folder: Path, process: str, *spans: dict[str, object]) -> None:
    lines = [json.dumps({"process": process, "links": [], "parent_id": "", **s}) for s in spans]
    (folder / f"{process}.jsonl").write_text("\n".join(lines) + "\n")


def span(trace: str, number: str, name: str, start_ms: int, **more: object) -> dict[str, object]:
    start = start_ms * 1_000_000
    fields = {"trace_id": trace, "span_id": number, "name": name, "start_ns": start}
    return fields | {"end_ns": start + 2_500_000, **more}


def test_children_stand_below_their_parent_and_linked_traces_below_their_cause(
    tmp_path: Path,
) -> None:
    write(tmp_path, "gateway", span(ONE, "1", "POST /api", 0), span(OTHER, "9", "GET /api", 1))
    write(
        tmp_path,
        "filing",
        span(ONE, "3", "publish", 5, parent_id="2"),
        span(ONE, "2", "Submit", 1, parent_id="1"),
    )
    write(tmp_path, "notifications", span(TWO, "4", "on_submitted", 9, links=[f"{ONE}:3"]))
    assert tree(tmp_path, ONE) == [
        "POST /api [gateway] 2.5 ms",
        "  Submit [filing] 2.5 ms",
        "    publish [filing] 2.5 ms",
        "      on_submitted [notifications] 2.5 ms (linked)",
    ]


def test_a_span_whose_parent_is_not_ours_is_a_root(tmp_path: Path) -> None:
    write(tmp_path, "gateway", span(ONE, "1", "POST /api", 0, parent_id="caller"))
    assert tree(tmp_path, ONE) == ["POST /api [gateway] 2.5 ms"]


def test_a_span_that_failed_is_marked(tmp_path: Path) -> None:
    write(tmp_path, "gateway", span(ONE, "1", "POST /api", 0, status="ERROR"))
    assert tree(tmp_path, ONE) == ["POST /api [gateway] 2.5 ms failed"]


def test_a_line_that_is_still_being_written_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "gateway", span(ONE, "1", "POST /api", 0))
    with (tmp_path / "gateway.jsonl").open("a") as stream:
        stream.write('{"trace_id": "aaaa')
    assert len(tree(tmp_path, ONE)) == 1


def test_an_unknown_trace_has_no_lines(tmp_path: Path) -> None:
    write(tmp_path, "gateway", span(ONE, "1", "POST /api", 0))
    assert tree(tmp_path, TWO) == []
