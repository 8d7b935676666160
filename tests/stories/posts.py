"""One account with every post: which it acts under, the header `Minzheng-Post` says."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from kit.ids import uuid7
from tests.access.expected import Situation
from tests.platform import Platform

ANOTHER = "0190a000-0000-7000-8000-00000000000a"
"""Id of an organization that is nobody's here."""
INSERT = """INSERT INTO post (post_id, account, role, region_code, region_path, organization_id,
 valid_from, granted_by, confirmed_by, confirmed_at, revoked_by, reason, created_at)
 VALUES ($1, $2, $3, $4, $5, $6, '2021-05-26', 'test', 'system:test', now(), '', '', now())"""


@dataclass
class Posts:
    """The posts of an account by role and situation."""

    account: str
    known: dict[tuple[str, str], str] = field(default_factory=dict)

    def header(self, role: str, where: Situation) -> dict[str, str]:
        """The header of a call under a post; a resident acts as himself."""
        return {"minzheng-post": "self" if role == "RESIDENT" else self.known[role, where.name]}


@asynccontextmanager
async def posts(
    platform: Platform,
    account: str,
    wanted: Iterable[tuple[str, Situation]],
    organization: str = "",
) -> AsyncIterator[Posts]:
    """The account with these posts; those at an organization are at this one. Taken away afterwards."""
    made = Posts(account)
    database = await platform.database("gateway")
    try:
        for role, where in wanted:
            made.known[role, where.name] = post_id = str(uuid7())
            of = organization if where.organization else ANOTHER if "ORG_" in role else ""
            path = where.path or "/nowhere/"
            await database.execute(INSERT, post_id, account, role, where.code, path, of)
        yield made
    finally:
        await database.execute("DELETE FROM post WHERE granted_by = 'test'")
        await database.close()
