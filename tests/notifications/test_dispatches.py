"""Dispatches on the database: planned by the owner's wishes, gathered, released once, seen by whom."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from kit.calendar import ZONE
from kit.call import Call, enter
from kit.contracts import rpc_by_path
from kit.database import Database
from kit.errors import Refusal
from kit.identity import Caller, system
from kit.outbox import Doorbell
from kit.settings import settings
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.notifications.v1 import dispatches_pb as pb
from proto.gen.minzheng.notifications.v1 import notifications_pb
from services.notifications.rpc.dispatches import DispatchesRpc
from services.notifications.rpc.messages import NotificationsRpc
from services.notifications.store.contacts import Contacts
from services.notifications.store.dispatches import DAYS_KEPT, Dispatches
from services.notifications.timers import DueDispatches, OldDispatches
from tests.notifications.builders import APPLICANT, DEPARTMENT
from tests.notifications.callers import RESIDENT, act
from tests.notifications.conftest import KEYRING
from tests.notifications.events import happen

DISPATCHES = "/minzheng.notifications.v1.DispatchesService"
GIVEN = {"phone": "12000001234", "email": "fu@home.example"}
ALL = "SELECT * FROM dispatch ORDER BY dispatch_id"


@pytest.fixture
def room(database: Database, rpc: NotificationsRpc) -> "Room":
    """The room of dispatches."""
    unit = Unit(database, Doorbell(), KEYRING)
    dispatches = Dispatches(database, unit)
    return Room(rpc, DispatchesRpc(dispatches, Contacts(database, unit, KEYRING)), dispatches)


class Room:
    """Wishes, facts, releases, calls."""

    def __init__(self, inbox: NotificationsRpc, rpc: DispatchesRpc, dispatches: Dispatches) -> None:
        self.inbox, self.rpc, self.dispatches = inbox, rpc, dispatches
        self.database = dispatches.database

    async def wants(self, **contact: Any) -> None:
        act(RESIDENT, "SaveContact")
        asked = notifications_pb.SaveContactRequest(
            request_id=str(uuid4()), contact=notifications_pb.Contact(**contact)
        )
        await self.inbox.save_contact(asked, None)

    async def rows(self) -> list[asyncpg.Record]:
        async with self.database.transaction() as connection:
            await connection.execute("SELECT set_config('minzheng.scope', 'r:/', true)")
            return list(await connection.fetch(ALL))

    async def call(self, name: str, request: Any, who: Caller | None = None) -> Any:
        path = f"{DISPATCHES}/{name}"
        enter(Call(who or system("gateway"), path, rpc_by_path()[path].access))
        method = {
            "ListDispatches": self.rpc.list_dispatches,
            "OpenDispatch": self.rpc.open_dispatch,
            "ReportDispatch": self.rpc.report_dispatch,
        }[name]
        return await method(request, None)  # type: ignore[operator]

    async def report(self, dispatch_id: UUID, state: pb.DispatchState, reason: str = "") -> str:
        told = pb.ReportDispatchRequest(dispatch_id=str(dispatch_id), state=state, reason=reason)
        return str((await self.call("ReportDispatch", told)).state.name)

    async def audited(self, action: str) -> int:
        query = "SELECT count(*) FROM kit.audit WHERE action = $1 AND outcome = 'done'"
        return int(await self.database.pool.fetchval(query, action))


@pytest.fixture(autouse=True)
def no_quiet_hours(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    """The hour of the test is no matter."""
    monkeypatch.setattr(settings(), "quiet_hours", "")


async def test_without_contact_nothing_leaves(room: Room) -> None:
    await happen(room.database, "OrganizationFiled")
    assert await room.rows() == []


async def test_messages_to_posts_stay_inside(room: Room) -> None:
    await room.wants(**GIVEN)
    await happen(room.database, "FilingResubmitted")
    assert await room.rows() == []


@pytest.mark.parametrize(
    ("wishes", "information", "duty"),
    [
        (GIVEN, ["MAIL", "SMS"], ["MAIL", "SMS"]),
        ({"phone": GIVEN["phone"]}, ["SMS"], ["SMS"]),
        (GIVEN | {"channels": [pb.Channel.MAIL]}, ["MAIL"], ["MAIL"]),
        (GIVEN | {"only_necessary": True}, [], ["MAIL", "SMS"]),
        ({"email": GIVEN["email"], "channels": [pb.Channel.SMS]}, [], ["MAIL"]),
    ],
)
async def test_ways_are_as_the_owner_wants(
    room: Room, wishes: dict[str, Any], information: list[str], duty: list[str]
) -> None:
    await room.wants(**wishes)
    await happen(room.database, "FilingSubmitted")
    assert sorted(row["channel"] for row in await room.rows()) == information
    await happen(room.database, "FilingReturned")
    both = sorted(row["channel"] for row in await room.rows())
    assert both == sorted(information + duty)


async def test_the_information_of_a_day_is_one_dispatch_and_duties_go_at_once(room: Room) -> None:
    await room.wants(phone=GIVEN["phone"], daily=True)
    for name in ("FilingSubmitted", "FilingNoticeStarted", "FilingReturned"):
        await happen(room.database, name)
    daily, duty = await room.rows()
    assert daily["due_at"].astimezone(ZONE).hour == 18
    assert await DueDispatches(room.dispatches).run() >= 1
    assert next(r for r in await room.rows() if r["dispatch_id"] == duty["dispatch_id"])[
        "state"
    ] == ("RELEASED")
    subject, body = await letter_of(room, daily["dispatch_id"])
    assert subject == "您有2条新消息"
    assert "1. 已收件：大同里社区合唱队" in body
    assert "2. 公示开始：大同里社区合唱队" in body


async def letter_of(room: Room, dispatch_id: UUID) -> tuple[str, str]:
    """What the owner sees of a dispatch."""
    listed = await room.call("ListDispatches", pb.ListDispatchesRequest(), RESIDENT)
    one = next(one for one in listed.dispatches if one.dispatch_id == str(dispatch_id))
    return one.subject, one.body


async def test_quiet_hours_hold_until_the_morning(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the hour of the test, a night is chosen that has just begun or is not near its end."""
    now = await room.database.pool.fetchval("SELECT clock_timestamp()")
    noon = now.astimezone(ZONE).hour in (10, 11, 12)
    monkeypatch.setattr(settings(), "quiet_hours", "00:01-00:00" if noon else "12:00-11:00")
    await room.wants(phone=GIVEN["phone"])
    await happen(room.database, "FilingReturned")
    (row,) = await room.rows()
    assert row["due_at"].astimezone(ZONE).hour in ((0, 1) if noon else (11, 12))
    assert now < row["due_at"] <= now + timedelta(hours=25)
    assert await DueDispatches(room.dispatches).run() == 0


async def test_an_event_that_comes_again_plans_nothing_again(room: Room) -> None:
    await room.wants(**GIVEN)
    event_id = uuid4()
    for _ in range(2):
        await happen(room.database, "OrganizationFiled", event_id)
    assert len(await room.rows()) == 2


async def test_released_once_by_however_many(room: Room) -> None:
    await room.wants(**GIVEN)
    for _ in range(10):
        await happen(room.database, "OrganizationFiled")
    released = await asyncio.gather(*(DueDispatches(room.dispatches).run() for _ in range(4)))
    assert sum(released) == 20
    facts = await room.database.pool.fetch("SELECT * FROM kit.outbox WHERE type LIKE '%Released'")
    assert len({row["aggregateid"] for row in facts}) == len(facts) == 20
    assert {row["aggregatetype"] for row in facts} == {"dispatch"}
    for row in facts:
        assert APPLICANT.encode() not in bytes(row["payload"])


async def test_opened_only_while_released_and_every_opening_is_audited(room: Room) -> None:
    await room.wants(phone=GIVEN["phone"])
    await happen(room.database, "OrganizationFiled")
    (row,) = await room.rows()
    asked = pb.OpenDispatchRequest(dispatch_id=str(row["dispatch_id"]))
    waiting = await room.call("OpenDispatch", asked)
    assert waiting == pb.OpenDispatchResponse(state=pb.DispatchState.WAITING)
    await DueDispatches(room.dispatches).run()
    for _ in range(2):
        opened = await room.call("OpenDispatch", asked)
        assert (opened.address, opened.messages) == (GIVEN["phone"], 1)
    assert await room.audited("open_dispatch") == 2
    assert await room.report(row["dispatch_id"], pb.DispatchState.ACCEPTED) == "ACCEPTED"
    assert (await room.call("OpenDispatch", asked)).address == ""
    assert await room.audited("open_dispatch") == 2
    kept = await room.database.pool.fetchval(
        "SELECT count(*) FROM kit.request WHERE method LIKE '%Open%'"
    )
    assert kept == 0, "no answer with an address is kept"


async def test_reports_come_twice_late_and_early(room: Room) -> None:
    await room.wants(phone=GIVEN["phone"])
    await happen(room.database, "OrganizationFiled")
    await DueDispatches(room.dispatches).run()
    (row,) = await room.rows()
    states = pb.DispatchState
    told = [
        (states.DELIVERED, "DELIVERED"),
        (states.ACCEPTED, "DELIVERED"),
        (states.FAILED, "DELIVERED"),
    ]
    for reported, expected in told:
        assert await room.report(row["dispatch_id"], reported) == expected
    assert await room.audited("report_dispatch") == 1


async def test_reports_of_two_processes_at_once(room: Room) -> None:
    await room.wants(phone=GIVEN["phone"])
    await happen(room.database, "OrganizationFiled")
    await DueDispatches(room.dispatches).run()
    (row,) = await room.rows()
    states = [pb.DispatchState.ACCEPTED, pb.DispatchState.DELIVERED] * 4
    await asyncio.gather(*(room.report(row["dispatch_id"], state) for state in states))
    assert (await room.rows())[0]["state"] == "DELIVERED"


async def test_a_dispatch_nobody_knows(room: Room) -> None:
    with pytest.raises(Refusal) as caught:
        await room.report(uuid4(), pb.DispatchState.ACCEPTED)
    assert caught.value.code == "common.not_found"


async def test_pages_and_other_people(room: Room) -> None:
    await room.wants(phone=GIVEN["phone"])
    for _ in range(5):
        await happen(room.database, "OrganizationFiled")
    seen: list[str] = []
    token = ""
    while True:
        page = PageRequest(size=2, token=token)
        listed = await room.call("ListDispatches", pb.ListDispatchesRequest(page=page), RESIDENT)
        seen += [one.dispatch_id for one in listed.dispatches]
        token = listed.page.next_token
        if not token:
            break
    assert seen == [str(row["dispatch_id"]) for row in reversed(await room.rows())]
    for who in (Caller("other", Role.RESIDENT), Caller(DEPARTMENT, Role.RESIDENT)):
        listed = await room.call("ListDispatches", pb.ListDispatchesRequest(), who)
        assert list(listed.dispatches) == []


@pytest.mark.parametrize(
    ("scope", "account", "seen"),
    [("", "", 0), ("r:/46/", "", 0), ("", APPLICANT, 2), ("r:/", "", 2), ("s:x", "other", 0)],
)
async def test_row_security_alone(room: Room, scope: str, account: str, seen: int) -> None:
    await room.wants(**GIVEN)
    await happen(room.database, "OrganizationFiled")
    for table in ("dispatch", "dispatched"):
        async with room.database.transaction() as connection:
            await connection.execute(
                "SELECT set_config('minzheng.scope', $1, true), set_config('minzheng.account', $2, true)",
                scope, account,
            )  # fmt: skip
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == seen
            if scope != "r:/" and table == "dispatch":
                changed = await connection.execute("UPDATE dispatch SET state = 'FAILED'")
                assert changed == "UPDATE 0"


async def test_what_ended_long_ago_is_forgotten_and_the_message_stays(room: Room) -> None:
    await room.wants(**GIVEN)
    await happen(room.database, "FilingReturned")
    await DueDispatches(room.dispatches).run()
    old, open_ = [row["dispatch_id"] for row in await room.rows()]
    await room.report(old, pb.DispatchState.DELIVERED)
    forgotten = OldDispatches(room.dispatches)
    age = f"UPDATE dispatch SET settled_at = settled_at - interval '{DAYS_KEPT} days 1 minute'"
    assert await forgotten.run() == 0
    async with room.database.transaction() as connection:
        await connection.execute("SELECT set_config('minzheng.scope', 'r:/', true)")
        await connection.execute(age)
    assert (await forgotten.run(), await forgotten.run()) == (1, 0)
    assert [row["dispatch_id"] for row in await room.rows()] == [open_]
    act(RESIDENT, "ListMessages")
    inbox = await room.inbox.list_messages(notifications_pb.ListMessagesRequest(), None)
    assert len(inbox.messages) == 1
