"""The feed: commit order, cursors that lose nothing, subtrees, no person."""

import asyncio
import random
from datetime import datetime

import pytest

from kit.contracts import message_class
from kit.errors import Refusal
from kit.identity import Caller
from proto.gen.minzheng.common.v1.access_pb import PersonalClass, Role, ext_personal
from proto.gen.minzheng.subscriptions.v1 import subscriptions_pb as pb
from tests.gateway.subscriptions.conftest import Room, department, fact

DATONGLI, TIANYA, YANGPU, DANZHOU = "460106004002", "460204198005", "460400499001", "460400100001"
ATTRIBUTES = {
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "datacontenttype",
    "dataschema",
}

NUMBERED = """INSERT INTO kit.audit (at, subject, role, post_id, action, object_id, region_path, outcome,
 reason, from_state, to_state, rule_version, decision_id, traceparent) VALUES (now(), '', '', '',
 'x', '', '', 'done', '', '', '', '', gen_random_uuid(), '') RETURNING id"""


async def names(room: Room, who: Caller, **fields: object) -> list[str]:
    return [event.data.name for event in (await room.read("ListEvents", who, **fields)).events]


async def test_an_event_is_a_cloud_event(room: Room) -> None:
    organization = await room.filed(DATONGLI)
    answer = await room.read("ListEvents", department())
    (event,) = answer.events
    assert {field.json_name for field in type(event).desc().fields} >= ATTRIBUTES
    assert (event.specversion, event.type) == ("1.0", "cn.gov.hainan.organization.filed.v1")
    assert (event.partitionkey, event.sequence, event.regioncode) == (organization, "1", DATONGLI)
    assert datetime.fromisoformat(event.time).tzinfo is not None
    assert event.traceparent.startswith("00-")
    assert event.data.status == "ACTIVE"
    assert answer.cursor == "1"


async def test_a_cursor_goes_on_where_it_was(room: Room) -> None:
    for _ in range(5):
        await room.filed(DATONGLI)
    first = await room.read("ListEvents", department(), size=2)
    second = await room.read("ListEvents", department(), size=2, after=first.cursor)
    third = await room.read("ListEvents", department(), size=2, after=second.cursor)
    assert [len(page.events) for page in (first, second, third)] == [2, 2, 1]
    assert len({event.id for page in (first, second, third) for event in page.events}) == 5
    again = await room.read("ListEvents", department(), after=third.cursor)
    assert (again.events, again.cursor) == ([], third.cursor)


async def test_a_narrow_filter_does_not_look_twice(room: Room) -> None:
    for _ in range(3):
        await room.filed(DATONGLI)
    page = await room.read("ListEvents", department(), region="460204000000")
    assert (page.events, page.cursor) == ([], "3")


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("460000000000", ["大同里", "天涯", "洋浦", "儋州"]),
        ("460100000000", ["大同里"]),
        ("460106004002", ["大同里"]),
        ("460200000000", ["天涯"]),
        ("460204000000", ["天涯"]),
        ("460400499000", ["洋浦"]),
        ("460400000000", ["儋州"]),
        ("469025000000", []),
    ],
)
async def test_regions_are_subtrees_of_the_management_tree(
    room: Room, region: str, expected: list[str]
) -> None:
    for code, name in ((DATONGLI, "大同里"), (TIANYA, "天涯"), (YANGPU, "洋浦"), (DANZHOU, "儋州")):
        await room.filed(code, name)
    assert await names(room, department(), region=region) == expected
    assert await names(room, department(region)) == expected
    assert await names(room, department("469025000000"), region=region) == []


async def test_types_filter(room: Room) -> None:
    await room.filed(DATONGLI)
    other = ["cn.gov.hainan.organization.cancelled.v1"]
    assert await names(room, department(), types=other) == []
    assert len(await names(room, department(), types=["cn.gov.hainan.organization.filed.v1"])) == 1


async def test_a_post_without_region_sees_nothing(room: Room) -> None:
    await room.filed(DATONGLI)
    assert await names(room, Caller("dept", Role.DEPT)) == []


async def test_row_security_alone_hides_other_regions(room: Room) -> None:
    await room.filed(DATONGLI)
    for table in ("feed", "organization_state"):
        text = f"SELECT count(*) FROM {table} WHERE (SELECT set_config('minzheng.scope', $1, true)) IS NOT NULL"
        for scope, seen in (
            ("r:/460000000000/", 1),
            ("r:/460000000000/460200000000/", 0),
            ("", 0),
            ("s:x", 0),
        ):
            assert await room.database.pool.fetchval(text, scope) == seen
        assert await room.database.pool.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_twelve_writers_with_slow_commits_lose_no_reader_a_row(room: Room) -> None:
    async def write(number: int) -> None:
        for _ in range(5):
            async with room.database.transaction() as connection:
                await room.apply(connection, fact(DATONGLI, f"组织{number}"))
                await asyncio.sleep(random.random() / 50)

    writing = asyncio.gather(*(write(number) for number in range(12)))
    seen, cursor = [], ""
    while len(seen) < 60:
        page = await room.read("ListEvents", department(), after=cursor, size=7)
        seen += [event.id for event in page.events]
        cursor = page.cursor
        if writing.done() and not page.events:
            break
        await asyncio.sleep(0.005)
    await writing
    assert len(seen) == len(set(seen)) == 60


async def test_a_plain_sequence_would_lose_rows(room: Room) -> None:
    """Negative control: the same reader over an identity column misses what commits late."""
    pool = room.database.pool
    slow, quick = await pool.acquire(), await pool.acquire()
    try:
        transaction = slow.transaction()
        await transaction.start()
        first = await slow.fetchval(NUMBERED)
        second = await quick.fetchval(NUMBERED)
        cursor = await quick.fetchval("SELECT max(id) FROM kit.audit")
        await transaction.commit()
        late = await quick.fetch("SELECT id FROM kit.audit WHERE id > $1", cursor)
        assert (second, late) == (first + 1, []), "the reader has passed the row that commits now"
    finally:
        await pool.release(slow)
        await pool.release(quick)


async def test_a_snapshot_and_the_events_after_it_converge(room: Room) -> None:
    for number in range(5):
        await room.filed(DATONGLI, f"先{number}")
    states: dict[str, int] = {}
    page = await room.read("GetSnapshot", department(), size=2)
    cursor = page.cursor
    late = await room.filed(DATONGLI, "后来")
    while True:
        states |= {state.organization_id: state.sequence for state in page.organizations}
        assert page.cursor == cursor
        if not page.next_page_token:
            break
        page = await room.read("GetSnapshot", department(), size=2, page_token=page.next_page_token)
    for event in (await room.read("ListEvents", department(), after=cursor)).events:
        if int(event.sequence) > states.get(event.partitionkey, 0):
            states[event.partitionkey] = int(event.sequence)
    assert len(states) == 6
    assert states[late] == 1


@pytest.mark.parametrize(("field", "value", "code"), [("region", "469999999999", "region.unknown")])
async def test_unknown_regions_are_refused(room: Room, field: str, value: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await room.read("ListEvents", department(), **{field: value})
    assert refused.value.code == code


async def test_a_forged_page_token_is_refused(room: Room) -> None:
    with pytest.raises(Refusal) as refused:
        await room.read("GetSnapshot", department(), page_token="Zm9yZ2Vk")
    assert refused.value.code == "common.page_token"


async def test_no_person_reaches_the_feed(room: Room) -> None:
    await room.filed(DATONGLI)
    for table in ("feed", "organization_state"):
        text = f"SELECT {table}::text || encode(state, 'escape') FROM {table} WHERE (SELECT set_config('minzheng.scope', 'r:/', true)) IS NOT NULL"
        assert "account-of-a-person" not in await room.database.pool.fetchval(text)
    for kind in (pb.OrganizationState, pb.CloudEvent):
        for field in message_class(kind.desc()).desc().fields:
            options = field.proto.options
            personal = (
                options[ext_personal] if options is not None and ext_personal in options else 0
            )
            assert personal not in (PersonalClass.P2, PersonalClass.P3)
