"""Every command that a page or a help names exists, with its options and arguments."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from kit.cli.app import app
from tests.house.test_files import ROOT

COMMAND = re.compile(r"\b(minzheng|make) ([a-z][a-z0-9-]*)([^`|;&>)\n]*)")
PAGES = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def commands(text: str) -> Iterator[tuple[str, str, str]]:
    """Program, verb and what follows, of every command in code."""
    fenced = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
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
    words = [verb, *shlex.split(rest, comments=True)]
    while words and (below := getattr(found, "get_command", None)) is not None:
        found = below(typer.Context(found), words.pop(0))
    if found is None:
        return f"minzheng {verb}{rest}"
    parser = found.make_parser(typer.Context(found))
    parser.ignore_unknown_options = True
    _, strange, _ = parser.parse_args(words)
    return f"minzheng {verb} {strange[0]}" if strange else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [found for one in commands(text) if (found := wrong(*one))] == []


def helps(command: Any) -> Iterator[str]:
    """What `--help` says of a command and of all below it."""
    yield command.help or ""
    for name in getattr(command, "list_commands", lambda _: ())(typer.Context(command)):
        yield from helps(command.get_command(typer.Context(command), name))


def test_every_command_of_every_help_exists() -> None:
    told = list(helps(typer.main.get_command(app)))
    assert any("minzheng realm apply --yes" in text for text in told)
    assert [found for text in told for one in commands(text) if (found := wrong(*one))] == []


@pytest.mark.parametrize(
    "text",
    [
        "`minzheng fly`",
        "`minzheng replay fly x`",
        "`make fly`",
        "`minzheng backup --fly 3`",
        "`minzheng realm apply x`",
    ],
)
def test_a_command_that_is_none_is_found(text: str) -> None:
    assert [found for one in commands(text) if (found := wrong(*one))] != []
