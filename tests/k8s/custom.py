"""Definitions of operators' objects as JSON Schema that refuses what it does not know."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.k8s.rendering import Manifest

Schema = dict[str, Any]
ABOUT: Schema = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}  # fmt: skip


def schemas(definitions: Sequence[Manifest]) -> Mapping[tuple[str, str], Schema]:
    """Schemas by version and kind."""
    return dict(found for one in definitions for found in _versions(one["spec"]))


def _versions(spec: Manifest) -> Iterator[tuple[tuple[str, str], Schema]]:
    for version in spec["versions"]:
        schema = closed(version["schema"]["openAPIV3Schema"])
        schema["properties"] |= ABOUT
        yield (f"{spec['group']}/{version['name']}", spec["names"]["kind"]), schema


def closed(schema: Schema, *, within: bool = False) -> Schema:
    """Objects know their fields only; what stands `within` a choice repeats a part of them."""
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    found = dict(schema)
    for key in ("allOf", "anyOf", "oneOf"):
        if key in found:
            found[key] = [closed(one, within=True) for one in found[key]]
    if "properties" in found:
        found["properties"] = {k: closed(v, within=within) for k, v in found["properties"].items()}
        if not within and not found.get("x-kubernetes-preserve-unknown-fields"):
            found.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = closed(found[key], within=within)
    if found.pop("nullable", False) and "type" in found:
        found["type"] = [found["type"], "null"]
    return found
