"""The event catalog: in step, complete, closed, and without anything of a person or of the inside."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.openapi.events import public_document, types, whole_document
from gateway.subscriptions.publishing import HISTORY, TWIN
from kit.contracts import facts, topic_of
from tests.house import events_page

WHOLE = whole_document()
PUBLIC = public_document()


def test_the_pages_are_in_step() -> None:
    for file, made in (
        (events_page.DOCUMENT, events_page.document()),
        (events_page.ASYNCAPI, events_page.asyncapi()),
    ):
        assert file.read_text(encoding="utf-8") == made, "run make pages"


def test_every_fact_is_in_the_catalog() -> None:
    shown = {
        message["name"]
        for channel in WHOLE["channels"].values()
        for message in channel["messages"].values()
    }
    assert set(facts()) <= shown
    page = events_page.document()
    assert all(f"#### {name.rpartition('.')[2]} " in page for name in facts())


def test_departments_are_shown_no_topic_of_the_inside() -> None:
    assert set(PUBLIC["channels"]) == {HISTORY, TWIN, "webhook"}
    text = json.dumps(PUBLIC)
    assert not any(topic_of(name) in PUBLIC["channels"] for name in facts())
    assert "applicantAccount" not in text
    assert "applicantAccount" in json.dumps(WHOLE), "control"


def references(value: Any) -> Iterator[str]:
    """Every `$ref` inside."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


@pytest.mark.parametrize("document", [PUBLIC, WHOLE], ids=["public", "whole"])
def test_a_document_is_closed_and_says_what_asyncapi_3_asks_for(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(document["info"])
    for reference in references(document):
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
    used = {one["channel"]["$ref"].rpartition("/")[2] for one in document["operations"].values()}
    assert used == set(document["channels"])


def test_the_types_are_those_of_the_domain() -> None:
    verbs = "filed changed cancelled registered graduated deregistered revoked banned"
    assert types() == [f"cn.gov.hainan.organization.{verb}.v1" for verb in verbs.split()]
