"""`minzheng audit`: a whole trail ends with 0, a changed one with 1 and the row; the export is complete."""

import asyncio
import json

from click.testing import Result
from typer.testing import CliRunner

from kit.cli.app import app
from tests.kit.audit.conftest import Trail, trail  # noqa: F401 - a fixture


async def minzheng(*arguments: str) -> Result:
    """The command, in a thread with a loop of its own."""
    runner = CliRunner(env={"COLUMNS": "200"})
    return await asyncio.to_thread(runner.invoke, app, ["audit", *arguments])


async def test_verify_tells_what_is_whole_and_what_is_not(trail: Trail) -> None:  # noqa: F811
    whole = await minzheng("verify", "filing")
    assert whole.exit_code == 0
    assert "30 rows, 2 checkpoints, 0 not sealed yet" in whole.output
    assert (await minzheng("verify", "filing", "--since-checkpoint")).exit_code == 0
    await trail.owner.execute("UPDATE kit.audit SET subject = 'somebody' WHERE id = 7")
    broken = await minzheng("verify", "filing")
    assert broken.exit_code == 1
    assert "BROKEN" in broken.output
    assert "row 7 (number 7): changed since it was written" in broken.output


async def test_export_names_its_columns_and_holds_every_row(trail: Trail) -> None:  # noqa: F811
    await trail.write(30)
    exported = await minzheng("export", "filing")
    head, *rows = [json.loads(line) for line in exported.output.splitlines()]
    assert "subject" in head["columns"]
    assert [row["number"] for row in rows] == [*range(1, 31), None]
