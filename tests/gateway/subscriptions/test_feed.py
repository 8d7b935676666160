"""What departments read: CloudEvents, cursors, subtrees, types; and what they are refused."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from kit.errors import Kind, Refusal
from kit.identity import Caller
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1.facts_pb import FilingExpired, FilingRenewed
from proto.gen.minzheng.subscriptions.v1 import subscriptions_pb as pb
from tests.gateway.subscriptions.conftest import (
    DANZHOU,
    DATONGLI,
    PROVINCE,
    TIANYA,
    TRACE,
    YANGPU,
    Room,
    department,
    fact,
    head,
    heading,
)

REQUIRED = {"id", "source", "specversion", "type"}
OPTIONAL = {"datacontenttype", "dataschema", "subject", "time"}
EXTENSIONS = {"partitionkey", "sequence", "regioncode", "traceparent", "classification"}
FILED = "cn.gov.hainan.organization.filed.v1"


async def names(room: Room, who: Caller, **fields: object) -> list[str]:
    return [event.data.name for event in await room.events(who, **fields)]


def test_the_attributes_are_those_of_the_standard() -> None:
    """CloudEvents 1.0: no other name than the standard's and the agreed extensions, all lower case."""
    found = {field.json_name for field in pb.CloudEvent.desc().fields}
    assert found == REQUIRED | OPTIONAL | EXTENSIONS | {"data"}
    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in found)


async def test_an_event_is_a_cloud_event(room: Room) -> None:
    organization = await room.filed(DATONGLI)
    answer = await room.read("ListEvents", department())
    (event,) = answer.events
    assert all(getattr(event, name) for name in REQUIRED | OPTIONAL | EXTENSIONS)
    assert (event.specversion, event.type, event.source) == ("1.0", FILED, "/minzheng/hainan")
    assert (event.subject, event.datacontenttype) == (
        fact(DATONGLI).filing_no,
        "application/json",
    )
    assert event.dataschema == "minzheng.subscriptions.v1.OrganizationState"
    assert (event.partitionkey, event.sequence, event.regioncode) == (organization, "1", DATONGLI)
    assert (event.traceparent, event.classification) == (TRACE, "public")
    assert UUID(event.id).version == 7
    assert event.time.endswith("Z")
    assert datetime.fromisoformat(event.time).utcoffset() == timedelta()
    assert (event.data.organization_id, event.data.status) == (organization, "ACTIVE")
    assert answer.cursor == "1"


async def test_an_id_is_kept(room: Room) -> None:
    await room.filed(DATONGLI)
    first, again = [(await room.events(department()))[0].id for _ in range(2)]
    assert first == again


async def test_a_sequence_counts_the_changes_of_its_organization(room: Room) -> None:
    one, other = await room.filed(DATONGLI), await room.filed(DATONGLI)
    for organization in (one, other, one):
        await room.filed(DATONGLI, organization=organization)
    events = await room.events(department())
    assert [int(event.sequence) for event in events if event.partitionkey == one] == [1, 2, 3]
    assert [int(event.sequence) for event in events if event.partitionkey == other] == [1, 2]
    assert all(int(event.sequence) == event.data.sequence for event in events)


async def test_a_cursor_goes_on_where_it_was(room: Room) -> None:
    filed = [await room.filed(DATONGLI) for _ in range(5)]
    first = await room.read("ListEvents", department(), size=2)
    second = await room.read("ListEvents", department(), size=2, after=first.cursor)
    third = await room.read("ListEvents", department(), size=2, after=second.cursor)
    pages = [[event.partitionkey for event in page.events] for page in (first, second, third)]
    assert pages == [filed[:2], filed[2:4], filed[4:]]
    again = await room.read("ListEvents", department(), after=third.cursor)
    assert (again.events, again.cursor) == ([], third.cursor)


async def test_a_narrow_filter_does_not_look_twice(room: Room) -> None:
    """Rows the filter skips are passed by the cursor; a full page stops at its last row."""
    for community in (TIANYA, DATONGLI, TIANYA, DATONGLI, DATONGLI):
        await room.filed(community)
    full = await room.read("ListEvents", department(), region="460204000000", size=1)
    assert (len(full.events), full.cursor) == (1, "1")
    last = await room.read("ListEvents", department(), region="460204000000", after="1")
    assert (len(last.events), last.cursor) == (1, "5")
    none = await room.read("ListEvents", department(), types=["cn.gov.hainan.other.v1"])
    assert (none.events, none.cursor) == ([], "5")


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        (PROVINCE, ["大同里", "天涯", "洋浦", "儋州"]),
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
    assert await names(room, department(), region=region) == expected, "asked for"
    assert await names(room, department(region)) == expected, "the post's own"
    assert await names(room, department(region), region=PROVINCE) == expected, "more than the post"
    snapshot = await room.read("GetSnapshot", department(), region=region)
    assert sorted(state.name for state in snapshot.organizations) == sorted(expected)


async def test_a_region_beside_the_posts_own_shows_nothing(room: Room) -> None:
    for community in (DATONGLI, TIANYA):
        await room.filed(community)
    for name in ("ListEvents", "GetSnapshot"):
        answer = await room.read(name, department("460200000000"), region="460100000000")
        assert not (answer.events if name == "ListEvents" else answer.organizations)


async def test_types_filter(room: Room) -> None:
    await room.filed(DATONGLI)
    other = "cn.gov.hainan.organization.cancelled.v1"
    assert await names(room, department(), types=[other]) == []
    assert len(await names(room, department(), types=[other, FILED])) == 1


async def test_a_post_without_region_sees_nothing(room: Room) -> None:
    await room.filed(DATONGLI)
    nobody = Caller("dept", Role.DEPT)
    for region in ("", PROVINCE):
        assert await names(room, nobody, region=region) == []
        snapshot = await room.read("GetSnapshot", nobody, region=region)
        assert snapshot.organizations == []


@pytest.mark.parametrize("method", ["ListEvents", "GetSnapshot"])
async def test_unknown_regions_are_refused(room: Room, method: str) -> None:
    with pytest.raises(Refusal) as refused:
        await room.read(method, department(), region="469999999999")
    assert (refused.value.kind, refused.value.code) == (Kind.INVALID, "region.unknown")


@pytest.mark.parametrize("token", ["Zm9yZ2Vk", "WzEsMl0", "WyIxIl0", "?", "中"])
async def test_a_forged_page_token_is_refused(room: Room, token: str) -> None:
    with pytest.raises(Refusal) as refused:
        await room.read("GetSnapshot", department(), page_token=token)
    assert (refused.value.kind, refused.value.code) == (Kind.MALFORMED, "common.page_token")


async def test_facts_taken_together_are_as_public_as_one_by_one(room: Room) -> None:
    """Sequences of the organization and positions of the feed go on; the last state stays."""
    organization, other = str(uuid7()), str(uuid7())
    stated = (
        fact(DATONGLI, organization=organization),
        fact(DATONGLI, organization=other),
        FilingRenewed(**head(organization, 2), renewed_on="2029-03-01", valid_to="2032-03-06"),
        FilingExpired(**head(organization, 3), expired_on="2032-03-07"),
    )
    await room.filed(DATONGLI)
    async with room.database.transaction() as connection:
        await room.changes.on_facts(connection, [(one, heading(one)) for one in stated])
    shown = [(e.partitionkey, e.sequence, e.data.status) for e in await room.events(department())]
    assert shown[1:] == [
        (organization, "1", "ACTIVE"), (other, "1", "ACTIVE"),
        (organization, "2", "ACTIVE"), (organization, "3", "EXPIRED"),
    ]  # fmt: skip
    assert await room.feed.head() == 5
    found = (await room.read("GetSnapshot", department())).organizations
    states = {one.organization_id: one.status for one in found}
    assert (states[organization], states[other]) == ("EXPIRED", "ACTIVE")


async def test_a_renewal_and_an_expiry_become_public(room: Room) -> None:
    """The state as it is then; what the fact does not speak of stays."""
    organization = await room.filed(DATONGLI)
    (filed,) = await room.events(department())
    renewed = FilingRenewed(**head(organization, 2), renewed_on="2029-03-01", valid_to="2032-03-06")
    expired = FilingExpired(**head(organization, 3), valid_to="2032-03-06", expired_on="2032-03-07")
    for stated in (renewed, expired):
        async with room.database.transaction() as connection:
            await room.changes.on_fact(connection, stated, heading(stated))
    _, again, gone = await room.events(department())
    assert [event.type.split(".")[-2] for event in (filed, again, gone)] == [
        "filed",
        "changed",
        "changed",
    ]
    shown = [
        (e.sequence, e.data.status, e.data.effective_on, e.data.valid_to) for e in (again, gone)
    ]
    assert shown == [
        ("2", "ACTIVE", "2029-03-01", "2032-03-06"),
        ("3", "EXPIRED", "2032-03-07", "2032-03-06"),
    ]
    kept = ("name", "filing_no", "category", "authority_code", "regime")
    assert all(getattr(gone.data, name) == getattr(filed.data, name) for name in kept)
    (now,) = (await room.read("GetSnapshot", department())).organizations
    assert now == gone.data
