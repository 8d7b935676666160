"""Objects of operators keep the operators' own definitions, where a folder with these is given.

The definitions are other projects' files and not kept here: MINZHENG_CRDS names a folder with those of
the releases that docs/operations/kubernetes.md lists.
"""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from tests.k8s.custom import closed, schemas
from tests.k8s.rendering import OVERLAYS, overlay

FOLDER = os.environ.get("MINZHENG_CRDS", "")
BUILT_IN = ("apps", "batch", "policy", "autoscaling", "networking.k8s.io", "scheduling.k8s.io")


@pytest.mark.skipif(not FOLDER, reason="NOT GREEN: no folder of definitions in MINZHENG_CRDS")
def test_definitions_are_kept() -> None:
    known = schemas(Path(FOLDER))
    every = {json.dumps(one): one for name in OVERLAYS for one in overlay(name).objects}
    custom = [one for one in every.values() if "/" in one["apiVersion"] and one["apiVersion"].split("/")[0] not in BUILT_IN]  # fmt: skip
    unknown = {(one["apiVersion"], one["kind"]) for one in custom} - known.keys()
    assert unknown == set(), "no definition in the folder"
    wrong = [
        f"{one['kind']} {one['metadata']['name']} {list(error.absolute_path)}: {error.message}"
        for one in custom
        for error in jsonschema.Draft7Validator(known[one["apiVersion"], one["kind"]]).iter_errors(one)
    ]  # fmt: skip
    assert wrong == []


def test_what_a_definition_does_not_know_is_refused() -> None:
    plain = {"type": "object", "properties": {"size": {"type": "string"}, "port": {"x-kubernetes-int-or-string": True}}}  # fmt: skip
    choice = {**plain, "oneOf": [{"properties": {"size": {}}, "required": ["size"]}]}
    open_ = {**plain, "x-kubernetes-preserve-unknown-fields": True}

    def good(schema: dict[str, object], value: object) -> bool:
        return jsonschema.Draft7Validator(closed(schema)).is_valid(value)

    assert good(plain, {"size": "1Gi", "port": 80})
    assert not good(plain, {"sise": "1Gi"})
    assert not good(plain, {"size": 1})
    assert good(choice, {"size": "1Gi", "port": "http"})
    assert not good(choice, {"port": 80})
    assert good(open_, {"sise": "1Gi"})
    assert good({"type": "string", "nullable": True}, None)
