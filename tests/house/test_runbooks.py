"""Runbooks: one for each alert, all of one shape, and every command in them exists."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from kit.cli.app import app
from tests.house.test_files import ROOT

BOOKS = ROOT / "docs" / "operations" / "runbooks"
RULES = ROOT / "deploy" / "observability" / "rules"
PARTS = ("Meaning.**", "Citizens.**", "## Checks", "## Repair", "Escalate.**", "Owner.**")
EXERCISED = {
    "outbox-stuck", "parked-facts", "database-failover", "disk-full", "keycloak-down", "key-leaked",
    "dead-subscriber", "audit-break", "ledger-assertion", "data-leak", "restore", "release-rollback",
}  # fmt: skip
"""Pages that must be there whatever alerts there are."""
COMMAND = re.compile(r"\b(minzheng|make) ([a-z][a-z0-9-]*)([^`|;\n]*)")
PAGES = [*sorted(BOOKS.glob("*.md")), *sorted(BOOKS.parent.glob("*.md"))]


def alerts() -> dict[str, str]:
    """Runbook by alert."""
    files = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in RULES.glob("*.yaml")]
    rules = [rule for file in files for group in file["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule["labels"]["runbook"] for rule in rules if "alert" in rule}


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
    while (below := getattr(found, "commands", None)) is not None:
        found = below.get(words.pop(0)) if words else None
    if found is None:
        return f"minzheng {verb}{rest}"
    known = {name for one in found.params for name in (*one.opts, *one.secondary_opts)}
    strange = [word for word in words if word.startswith("--") and word not in known]
    return f"minzheng {verb} {strange[0]}" if strange else ""


@pytest.mark.parametrize("name", sorted({*EXERCISED, *alerts().values()}))
def test_every_alert_and_exercise_has_its_page(name: str) -> None:
    text = (BOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert [part for part in PARTS if part not in text] == []


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
