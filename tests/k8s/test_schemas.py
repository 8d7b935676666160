"""Objects keep the schemas of Kubernetes itself; objects of operators, see test_custom.py."""

import copy
import json
from collections.abc import Iterable, Iterator

import kubernetes_validate
import pytest
from kubernetes_validate import SchemaNotFoundError, ValidationError

from tests.k8s.rendering import OVERLAYS, Manifest, overlay

VERSIONS = ("1.34", "1.36", "1.37")
"""Releases that are tried: the oldest that the manifests are for, the one of `make cluster`, the newest."""


def judged(objects: Iterable[Manifest], version: str) -> Iterator[tuple[str, str]]:
    """Kinds of the objects that Kubernetes knows by itself, and what is wrong with each."""
    for one in objects:
        try:
            kubernetes_validate.validate(one, version, strict=True)
        except SchemaNotFoundError:
            continue
        except ValidationError as error:
            yield one["kind"], str(error)
        else:
            yield one["kind"], ""


@pytest.mark.parametrize("version", VERSIONS)
def test_schemas_are_kept(version: str) -> None:
    every = {json.dumps(one): one for name in OVERLAYS for one in overlay(name).objects}
    found = list(judged(every.values(), version))
    assert [error for _, error in found if error] == []
    kinds = {kind for kind, _ in found}
    assert {"Deployment", "NetworkPolicy", "Job", "PodDisruptionBudget"} <= kinds


def test_a_misspelled_field_is_seen() -> None:
    wrong = copy.deepcopy(overlay("overlays/ci").named("Deployment", "filing"))
    wrong["spec"]["template"]["spec"]["topologySpreadConstraint"] = []  # type: ignore[index]
    found = [error for _, error in judged([wrong], "1.36") if error]
    assert len(found) == 1
