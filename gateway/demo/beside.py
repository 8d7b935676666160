"""What the demo needs beside the public API: the business clock and the traces.

Read and moved where the platform is this machine's own, or through a command that runs
`minzheng` where the platform is, e.g. in a container of it.
"""

import asyncio
import shlex
import subprocess
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from kit.cli.clock import advance, business_today
from kit.settings import settings
from kit.telemetry.tree import tree


class Beside(Protocol):
    """The operator's side of a platform."""

    async def today(self) -> date:
        """Today's legal date."""

    async def advance(self, days: int) -> None:
        """Move the business clock on."""

    def trace(self, trace_id: str) -> list[str]:
        """Lines of a trace."""


class Here:
    """A platform with its database and files at hand."""

    async def today(self) -> date:
        """Today's legal date."""
        return await business_today()

    async def advance(self, days: int) -> None:
        """Move the business clock on."""
        await advance(days)

    def trace(self, trace_id: str) -> list[str]:
        """Lines of a trace."""
        return tree(settings().var / "traces", trace_id)


@dataclass(frozen=True, slots=True)
class Through:
    """A platform that a command reaches; CalledProcessError where it fails."""

    command: tuple[str, ...]

    async def today(self) -> date:
        """Today's legal date."""
        return date.fromisoformat((await asyncio.to_thread(self._run, "clock", "show"))[-1])

    async def advance(self, days: int) -> None:
        """Move the business clock on; not moving it needs no command."""
        if days:
            await asyncio.to_thread(self._run, "clock", "advance", str(days))

    def trace(self, trace_id: str) -> list[str]:
        """Lines of a trace."""
        return self._run("trace", trace_id)

    def _run(self, *verb: str) -> list[str]:
        done = subprocess.run((*self.command, *verb), capture_output=True, text=True, check=True)
        return done.stdout.rstrip("\n").splitlines()


def beside(through: str) -> Beside:
    """The platform here, or the one that a command line reaches."""
    return Through(tuple(shlex.split(through))) if through else Here()
