"""Verbs whose modules are read when somebody asks for them.

A health check asks for one verb every half minute and reads that one alone.
"""

import importlib
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup

LATER: Mapping[str, str] = {
    "audit": "audit:app",
    "backup": "backup:backup",
    "backup-key": "backup:backup_key",
    "clock": "clock:app",
    "consumer": "consumer:app",
    "keys": "keys:app",
    "realm": "realm:app",
    "rebuild": "rebuild:rebuild",
    "replay": "replay:app",
    "restore": "restore:restore",
    "restore-check": "restore:restore_check",
    "status": "status:status_command",
}
"""Verb: module of this room, and there a function or the commands below the verb."""


class Verbs(TyperGroup):
    """The commands at hand, and those of `LATER`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All verbs, as `--help` lists them."""
        return sorted((*super().list_commands(ctx), *LATER))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a verb; None without such a verb."""
        if cmd_name not in LATER:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = LATER[cmd_name].partition(":")
        found = getattr(importlib.import_module(f"kit.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            command: Any = typer.main.get_group(found)
        else:
            alone = typer.Typer(add_completion=False, rich_markup_mode="markdown")
            alone.command(cmd_name)(found)
            command = typer.main.get_command(alone)
        command.name = cmd_name
        return command
