"""The first two security administrators: named by the operator, for nobody is there to grant them.

The same where all of them are gone. From then on posts are granted and confirmed by the two.
"""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

from gateway.posts.domain import Asked, Holdings, Outcome, given, propose
from gateway.posts.store import Posts
from kit.acting import Actor
from kit.calendar import Moment
from kit.call import enter
from kit.cli.operator import acting, runtime_of
from kit.errors import conflict, invalid
from kit.regions import hainan

ROLE = "SEC_ADMIN"
PROVINCE = "460000000000"
BY = Actor("system:operator")
"""In the rows of the posts; the audit trail says which operator it was."""


def founded(held: Sequence[Holdings], present: bool, moment: Moment) -> list[Outcome]:
    """The posts of two accounts. Raises Refusal posts.two_persons, posts.not_the_first."""
    if len(held) != 2:
        raise invalid("posts.two_persons", "须指定两个不同的账号。")
    if present:
        raise conflict("posts.not_the_first", "已有安全管理员，请由其按规定授予岗位。")
    asked = [Asked(str(uuid4()), ROLE, PROVINCE) for _ in held]
    return [
        given(holdings, propose(holdings, one, BY, moment, hainan()).post)
        for holdings, one in zip(held, asked, strict=True)
    ]


async def found(posts: Posts, accounts: Sequence[str]) -> None:
    """Name two accounts, both or neither; who does so is the caller."""
    held, moment = await posts.held_by(accounts)
    present = await posts.any_in_force(ROLE, moment.today)
    outcomes = founded(list(held.values()), present, moment)
    async with posts.database.transaction("found") as connection:
        for outcome in outcomes:
            await posts.save(outcome, moment, connection=connection)


async def main(accounts: Sequence[str]) -> None:
    """The command, on the gateway's own database."""
    enter(acting("found_administrators", "first-administrators"))
    async with runtime_of("gateway") as runtime:
        await found(Posts(runtime.database, runtime.unit), accounts)


def run(*accounts: str) -> None:
    """From the command line."""
    asyncio.run(main(accounts))
