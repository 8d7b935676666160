"""Runbooks: one for each alert, all of one shape, and every command in them exists."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from kit.cli.app import app
from tests.house.alerts import alerts
from tests.house.test_files import ROOT
from tests.operations.exercises import scripts

BOOKS = ROOT / "docs" / "operations" / "runbooks"
PARTS = ("Meaning.**", "Citizens.**", "## Checks", "## Repair", "Escalate.**", "Owner.**")
ROW = re.compile(r"^\| \[([\w-]+)\]\(\1\.md\) \| `([^`]+)` \|$", re.MULTILINE)
"""A page of the table, and the command that plays it."""
COMMAND = re.compile(r"\b(minzheng|make) ([a-z][a-z0-9-]*)([^`|;\n]*)")
PAGES = [*sorted(BOOKS.glob("*.md")), *sorted(BOOKS.parent.glob("*.md"))]


def commands(text: str) -> Iterator[tuple[str, str, str]]:
    """Program, verb and what follows, of every command in code."""
    fenced = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    for span in (
        *fenced,
        *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)),
    ):
        yield from ((m[1], m[2], m[3]) for m in COMMAND.finditer(span.replace("\\|", "|")))


def wrong(program: str, verb: str, rest: str) -> str:
    """What of a command does not exist; empty when all does."""
    if program == "make":
        targets = re.findall(
            r"^([a-z-]+[a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE
        )
        return "" if verb in targets else f"make {verb}"
    found: Any = typer.main.get_command(app)
    words = [verb, *rest.partition("#")[0].split()]
    while (below := getattr(found, "get_command", None)) is not None:
        found = below(typer.Context(found), words.pop(0)) if words else None
    if found is None:
        return f"minzheng {verb}{rest}"
    known = {name for one in found.params for name in (*one.opts, *one.secondary_opts)}
    strange = [word for word in words if word.startswith("--") and word not in known]
    return f"minzheng {verb} {strange[0]}" if strange else ""


@pytest.mark.parametrize("name", sorted(scripts()))
def test_every_page_has_its_parts(name: str) -> None:
    text = (BOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert [part for part in PARTS if part not in text] == []


def test_every_page_is_played_by_a_script_and_every_alert_opens_one() -> None:
    pages = {page.stem for page in BOOKS.glob("*.md")} - {"README"}
    assert pages == set(scripts())
    assert set(alerts().values()) - set(scripts()) == set()


def test_the_table_names_the_script_of_every_page() -> None:
    rows = ROW.findall((BOOKS / "README.md").read_text(encoding="utf-8"))
    assert rows == sorted(scripts().items())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [found for one in commands(text) if (found := wrong(*one))] == []


def test_links_of_runbooks_lead_somewhere() -> None:
    lost = [
        f"{page.name}: {target}"
        for page in BOOKS.glob("*.md")
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if not (BOOKS / target).exists()
    ]
    assert lost == []


@pytest.mark.parametrize(
    "text", ["`minzheng fly`", "`minzheng replay fly x`", "`make fly`", "`minzheng backup --fly 3`"]
)
def test_a_command_that_is_none_is_found(text: str) -> None:
    assert [found for one in commands(text) if (found := wrong(*one))] != []
