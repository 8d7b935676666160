"""What row security alone lets through and refuses, without the filters of the queries."""

import asyncpg
import pytest

from kit.database import Database
from kit.identity import system
from tests.notifications.builders import APPLICANT, TOWN_PATH
from tests.notifications.callers import CLERK, NEIGHBOR_CLERK
from tests.notifications.events import happen


async def seen_by_row_security(database: Database, scope: str, account: str) -> list[str]:
    async with database.transaction() as connection:
        await connection.execute(
            "SELECT set_config('minzheng.scope', $1, true), set_config('minzheng.account', $2, true)",
            scope, account,
        )  # fmt: skip
        rows = await connection.fetch("SELECT to_account, to_role FROM message")
        return sorted(row["to_role"] or row["to_account"] for row in rows)


@pytest.mark.parametrize(
    ("scope", "account", "seen"),
    [
        ("", "", []),
        ("r:", "", []),
        ("s:", "", []),
        (f"s:{APPLICANT}", "", []),
        ("", APPLICANT, [APPLICANT]),
        (f"r:{TOWN_PATH}", "", ["TOWN_CLERK", "VILLAGE"]),
        (f"r:{TOWN_PATH}", APPLICANT, ["TOWN_CLERK", "VILLAGE", APPLICANT]),
        (f"r:{NEIGHBOR_CLERK.region_path}", "somebody", []),
        ("o:019a0000-0000-7000-8000-0000000000a1", "", []),
    ],
)
async def test_row_security_alone(
    database: Database, scope: str, account: str, seen: list[str]
) -> None:
    await happen(database, "FilingSubmitted")
    await happen(database, "FilingResubmitted")
    assert await seen_by_row_security(database, scope, account) == sorted(seen)


async def test_without_any_setting_nothing_is_there(database: Database) -> None:
    await happen(database, "FilingSubmitted")
    assert await database.pool.fetch("SELECT 1 FROM message") == []


FORGED = """INSERT INTO message (message_id, to_account, to_role, to_node, node_path, subject, body,
 template, template_version, about, event_id, ordinal, sent_at)
 SELECT gen_random_uuid(), 'victim', '', '', '', 's', 'b', 't', 1, 'a', gen_random_uuid(), 0, now()
 WHERE (SELECT set_config('minzheng.scope', $1, true)) IS NOT NULL"""


@pytest.mark.parametrize("scope", ["", CLERK.scope, f"s:{APPLICANT}", "s:victim"])
async def test_no_reader_writes_messages(database: Database, scope: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.pool.execute(FORGED, scope)


async def test_the_platform_itself_writes_messages(database: Database) -> None:
    assert await database.pool.execute(FORGED, system("notifications").scope) == "INSERT 0 1"


@pytest.mark.parametrize("change", ["UPDATE message SET body = ''", "DELETE FROM message"])
async def test_nobody_changes_a_message(database: Database, change: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.pool.execute(change)
