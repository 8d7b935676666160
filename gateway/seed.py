"""Posts of the demonstration accounts; never in production."""

import asyncio
import csv
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from gateway.posts.domain import ORGANIZATION, Asked, Holdings, Outcome, Post, given, own, propose
from gateway.posts.store import Posts
from kit.acting import Actor
from kit.calendar import Moment
from kit.call import Call, enter
from kit.database import Database
from kit.identity import system
from kit.outbox import Doorbell
from kit.regions import hainan
from kit.secrets import Keyring
from kit.settings import settings
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Access

SEED = "seed"
SPACE = uuid5(NAMESPACE_URL, "minzheng:seed")
Row = dict[str, str]


def seed() -> int:
    """Give every account of `demo_users.csv` its post; answers how many were missing.

    Accounts of residents need none. An officer's organization has no filing behind it: its id is
    made from the account's name. RuntimeError in production.
    """
    if settings().profile == "production":
        raise RuntimeError("demonstration posts are not for production")
    rows = [row for row in read(demo_users()) if row["role"] not in ("", "RESIDENT")]
    made = asyncio.run(_seed(rows))
    print(f"posts: {made} made, {len(rows) - made} there already")
    return made


def demo_users() -> Path:
    """The table of accounts, beside the realm."""
    return settings().realm_file.parent / "demo_users.csv"


def read(file: Path) -> list[Row]:
    """Rows of the table."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


async def _seed(rows: list[Row]) -> int:
    enter(Call(system("gateway"), SEED, Access(action="seed_posts")))
    database = await Database.open("gateway", size=1)
    try:
        posts = Posts(database, Unit(database, Doorbell(), Keyring.load()))
        return sum([await _place(posts, row) for row in rows])
    finally:
        await database.close()


async def _place(posts: Posts, row: Row) -> bool:
    holdings, moment = await posts.held(row["account_id"])
    outcome = outcome_of(row, holdings, moment)
    if outcome is not None:
        await posts.save(outcome, moment)
    return outcome is not None


def outcome_of(row: Row, holdings: Holdings, moment: Moment) -> Outcome | None:
    """The post of a row by the rules of every post; None where it has been given before."""
    post_id = str(uuid5(SPACE, f"post:{row['username']}:{row['role']}:{row['region_code']}"))
    if holdings.find(post_id) is not None:
        return None
    if row["role"] in ORGANIZATION:
        return own(holdings, officer(row, post_id, moment))
    asked = Asked(post_id, row["role"], row["region_code"])
    return given(holdings, propose(holdings, asked, Actor(SEED), moment, hainan()).post)


def officer(row: Row, post_id: str, moment: Moment) -> Post:
    """A post at an organization of the account's own."""
    node = hainan().get(row["region_code"])
    return Post(
        post_id=post_id,
        account=row["account_id"],
        role=row["role"],
        region_code=node.code,
        region_path=node.path,
        organization_id=str(uuid5(SPACE, f"organization:{row['username']}")),
        valid_from=moment.today,
        granted_by=SEED,
        created_at=moment.at,
    )
