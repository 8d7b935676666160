"""No person is in the feed, and the database alone holds readers to their region."""

from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from gateway.subscriptions.domain.changes import filed
from gateway.subscriptions.rpc.feed import FIRST, window
from gateway.subscriptions.store.feed import Window
from kit.call import Call, enter
from kit.contracts import rpc_by_path
from kit.identity import Caller
from kit.regions import hainan
from proto.gen.minzheng.common.v1.access_pb import PersonalClass, Role, ext_personal
from proto.gen.minzheng.filing.v1.filing_pb import Principal
from proto.gen.minzheng.subscriptions.v1 import subscriptions_pb as pb
from tests.gateway.subscriptions.conftest import DATONGLI, PROVINCE, Room, fact

TABLES = ("feed", "organization_state")
COUNT = "SELECT count(*) FROM {} WHERE (SELECT set_config('minzheng.scope', $1, true)) IS NOT NULL"
TEXTS = """SELECT {0}::text || encode(state, 'escape') FROM {0}
 WHERE (SELECT set_config('minzheng.scope', 'r:/', true)) IS NOT NULL"""
HAIKOU, SANYA = "460100000000", "460200000000"


def classes(message: Any) -> Iterator[PersonalClass]:
    """Classes of personal data of a message's fields and of the messages in them."""
    for field in message.fields:
        options = field.proto.options
        if options is not None and ext_personal in options:
            yield options[ext_personal]
        kind = getattr(field.value, "element", field.value)
        if hasattr(kind, "message"):
            yield from classes(kind.message)


@pytest.mark.parametrize("message", [pb.OrganizationState, pb.CloudEvent])
def test_no_field_is_personal(message: Any) -> None:
    found = set(classes(message.desc()))
    assert not found & {PersonalClass.P2, PersonalClass.P3}


def test_the_walk_finds_personal_fields() -> None:
    """Control of the test above."""
    assert set(classes(Principal.desc())) == {PersonalClass.P2, PersonalClass.P3}


def test_the_event_reaches_its_state() -> None:
    """Control: the walk goes into `data`."""
    kinds = [getattr(field.value, "message", None) for field in pb.CloudEvent.desc().fields]
    assert [kind.type_name for kind in kinds if kind] == [
        "minzheng.subscriptions.v1.OrganizationState"
    ]


async def test_no_account_reaches_a_row(room: Room) -> None:
    stated = fact(DATONGLI)
    account = stated.applicant_account
    assert account
    assert account.encode() not in filed(stated, 1).to_binary()
    await room.filed(DATONGLI)
    for table in TABLES:
        (row,) = await room.database.pool.fetch(TEXTS.format(table))
        assert stated.name.encode().hex() in row[0], "control: the name is found in the row"
        assert account not in row[0]
        assert account.encode().hex() not in row[0]


async def test_row_security_alone_hides_other_regions(room: Room) -> None:
    await room.filed(DATONGLI)
    scopes = {
        f"r:/{PROVINCE}/": 1,
        f"r:{hainan().get(HAIKOU).path}": 1,
        f"r:{hainan().get(SANYA).path}": 0,
        "r:/440000000000/": 0,
        "r:": 0,
        "": 0,
        "s:account-of-a-person": 0,
    }
    for table in TABLES:
        seen = {s: await room.database.pool.fetchval(COUNT.format(table), s) for s in scopes}
        assert seen == scopes
        assert await room.database.pool.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_row_security_holds_where_the_filter_fails(room: Room) -> None:
    """A window of the whole province under a scope of one city."""
    await room.filed(DATONGLI)
    for city, seen in ((HAIKOU, 1), (SANYA, 0)):
        wide = Window(f"r:{hainan().get(city).path}", hainan().get(PROVINCE).path)
        assert len(await room.feed.events(wide, 0, 9, [], 10)) == seen
        assert len(await room.feed.states(wide, FIRST, 10)) == seen


async def test_the_filter_holds_where_row_security_fails(room: Room) -> None:
    """A post without region has an empty window, and an empty window shows nothing to any scope."""
    rpc = rpc_by_path()["/minzheng.subscriptions.v1.SubscriptionsService/ListEvents"]
    enter(Call(Caller("dept", Role.DEPT), rpc.path, rpc.access))
    assert [window(region).region_path for region in ("", PROVINCE, SANYA)] == ["", "", ""]
    await room.filed(DATONGLI)
    assert len(await room.feed.events(Window("r:/", "/"), 0, 9, [], 10)) == 1, "control"
    assert await room.feed.events(Window("r:/", ""), 0, 9, [], 10) == []
    assert await room.feed.states(Window("r:/", ""), FIRST, 10) == []


@pytest.mark.parametrize("change", ["UPDATE feed SET position = 9", "DELETE FROM feed"])
async def test_the_application_cannot_rewrite_the_feed(room: Room, change: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await room.database.pool.execute(change)


async def test_a_narrow_scope_cannot_write_elsewhere(room: Room) -> None:
    path = hainan().get(DATONGLI).path
    text = """INSERT INTO organization_state SELECT gen_random_uuid(), $2, 1, ''
     WHERE (SELECT set_config('minzheng.scope', $1, true)) IS NOT NULL"""
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await room.database.pool.execute(text, f"r:{hainan().get(SANYA).path}", path)
    await room.database.pool.execute(text, f"r:{hainan().get(HAIKOU).path}", path)
