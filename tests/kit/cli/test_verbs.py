"""The command: every verb is there, and one that is asked often reads little."""

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from kit.cli import app as module
from kit.cli.later import LATER

HEAVY = {"fastapi", "sqlmodel", "sqlalchemy", "asyncpg", "kafka", "httpx"}


def test_help_lists_verbs_at_hand_and_later_ones() -> None:
    told = CliRunner().invoke(module.app, ["--help"], terminal_width=200).output
    listed = {line.split()[1] for line in told.splitlines() if len(line.split()) > 2}
    assert {"up", "probe", *LATER} <= listed


@pytest.mark.parametrize("verb", LATER)
def test_a_later_verb_has_its_own_help(verb: str) -> None:
    told = CliRunner().invoke(module.app, [verb, "--help"])
    assert (told.exit_code, f"{verb} [OPTIONS]" in told.output) == (0, True), told.output


def test_a_health_check_reads_little() -> None:
    asked = f"import sys, kit.cli.app, kit.cli.probe; print(*{HEAVY} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == ([], "")


def test_a_mistake_of_the_program_shows_where_it_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    mistaken = typer.Typer()

    @mistaken.command()
    def command() -> None:
        raise LookupError("nobody thought of it")

    monkeypatch.setattr(module, "app", lambda: mistaken([], standalone_mode=False))
    with pytest.raises(LookupError):
        module.main()
