#!/usr/bin/env python3
"""A second verifier of an audit trail: standard library only, of other code than the platform's.

    cp checkpoints/filing.jsonl filing.checkpoints.jsonl
    minzheng audit export filing > filing.jsonl
    python verify_alone.py filing filing.jsonl filing.checkpoints.jsonl secrets/audit_key_1

The checkpoints come first: one made after the export speaks of rows that are not in it.

It reads the export, the checkpoint file kept under another account, and the audit keys (one file a
key, named ..._<id>). Checkpoints are verified by their MAC here; their public-key signature is
verified by `minzheng audit verify`. Exit code 0: whole; 1: the first thing wrong is printed.
"""

import base64
import hashlib
import hmac
import json
import struct
import sys
from typing import Any


class Wrong(Exception):
    """Something is not as it was written."""


def read_keys(paths: list[str]) -> dict[str, bytes]:
    """Audit keys by id."""
    keys = {}
    for path in paths:
        with open(path, encoding="ascii") as file:
            keys[path.rsplit("_", 1)[1]] = base64.b64decode(file.read())
    return keys


def check_mac(
    keys: dict[str, bytes], key_id: object, content: bytes, given: str, what: str
) -> None:
    """Raises Wrong unless the MAC fits."""
    if str(key_id) not in keys:
        raise Wrong(f"{what}: key {key_id} is not at hand")
    expected = hmac.new(keys[str(key_id)], content, "sha256").hexdigest()
    if not hmac.compare_digest(expected, given or ""):
        raise Wrong(f"{what}: MAC does not fit")


def read_checkpoints(service: str, path: str, keys: dict[str, bytes]) -> dict[int, str]:
    """Links by number, each line genuine and in order."""
    marks: dict[int, str] = {}
    before = 0
    with open(path, encoding="utf-8") as file:
        for raw in file:
            mark = json.loads(raw)
            what = f"checkpoint {mark['number']}"
            signed = [mark["service"], mark["number"], mark["link"], mark["at"], mark["key_id"]]
            content = json.dumps(signed, separators=(",", ":")).encode()
            check_mac(keys, mark["key_id"], content, mark["mac"], what)
            if mark["service"] != service or mark["number"] <= before:
                raise Wrong(f"{what}: does not belong here")
            before = mark["number"]
            marks[before] = mark["link"]
    return marks


def check_row(
    service: str, keys: dict[str, bytes], columns: list[str], row: dict[str, Any]
) -> None:
    """The row is there, of this service, with its MAC."""
    what = f"row {row['audit_id']}"
    if row["text"] is None:
        raise Wrong(f"{what}: gone")
    parts = dict(zip(columns, json.loads(row["text"]), strict=True))
    if parts["service"] != service:
        raise Wrong(f"{what}: of another service")
    check_mac(keys, parts["key_id"], row["text"].encode(), row["mac"], what)


def verify(
    service: str, export_path: str, checkpoint_path: str, keys: dict[str, bytes]
) -> tuple[int, int]:
    """(rows in the chain, rows not yet in it); raises Wrong."""
    marks = read_checkpoints(service, checkpoint_path, keys)
    last, tip, loose = 0, b"\0" * 32, 0
    with open(export_path, encoding="utf-8") as file:
        columns = json.loads(next(file))["columns"]
        for raw in file:
            row = json.loads(raw)
            check_row(service, keys, columns, row)
            if row["number"] is None:
                loose += 1
                continue
            last += 1
            if row["number"] != last:
                raise Wrong(f"number {last} is not there")
            sealed = f"{row['audit_id']}\n{row['text']}\n"
            own = hashlib.sha256(sealed.encode() + bytes.fromhex(row["mac"])).digest()
            tip = hashlib.sha256(tip + struct.pack(">Q", last) + own).digest()
            if (own.hex(), tip.hex()) != (row["digest"], row["link"]):
                raise Wrong(f"row {row['audit_id']}: chain broken at number {last}")
            if marks.pop(last, tip.hex()) != tip.hex():
                raise Wrong(f"checkpoint {last}: contradicts the chain")
    if marks:
        raise Wrong(f"checkpoint {min(marks)}: beyond the end of the chain")
    return last, loose


def main(arguments: list[str]) -> int:
    """Exit code of the command."""
    if len(arguments) < 4:
        print(__doc__)
        return 2
    service, export_path, checkpoint_path, *key_paths = arguments
    try:
        rows, loose = verify(service, export_path, checkpoint_path, read_keys(key_paths))
    except Wrong as wrong:
        print(f"BROKEN {service}: {wrong}")
        return 1
    print(f"WHOLE {service}: {rows} rows in the chain, {loose} not sealed yet")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
