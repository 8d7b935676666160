"""Who sees which message: accounts, posts, pages, read marks; on a real database."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from kit.database import Database
from kit.errors import Kind, Refusal
from kit.identity import Caller
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.notifications.v1 import notifications_pb as pb
from services.notifications.rpc.messages import NotificationsRpc
from tests.notifications.builders import APPLICANT, COUNTY
from tests.notifications.callers import (
    CLERK,
    COUNTY_PATH,
    NEIGHBOR_CLERK,
    OWNER,
    RESIDENT,
    VILLAGE,
    act,
)
from tests.notifications.events import happen

STRANGER = Caller("8f3c0a52-0000-4000-8000-00000000dead", Role.RESIDENT)


async def inbox(rpc: NotificationsRpc, who: Caller, **asked: Any) -> pb.ListMessagesResponse:
    act(who, "ListMessages")
    return await rpc.list_messages(pb.ListMessagesRequest(**asked), None)


async def templates(rpc: NotificationsRpc, who: Caller, **asked: Any) -> list[str]:
    return [message.template for message in (await inbox(rpc, who, **asked)).messages]


async def mark(rpc: NotificationsRpc, who: Caller, message_id: str, key: str = "") -> pb.Notice:
    act(who, "MarkMessageRead")
    request = pb.MarkMessageReadRequest(message_id=message_id, request_id=key or str(uuid4()))
    message = (await rpc.mark_message_read(request, None)).message
    assert message is not None
    return message


async def test_each_reader_sees_what_is_addressed_to_him(
    database: Database, rpc: NotificationsRpc
) -> None:
    await happen(database, "FilingSubmitted")
    assert await templates(rpc, RESIDENT) == ["filing_received/1"]
    assert await templates(rpc, VILLAGE) == ["opinion_asked/1"]
    assert await templates(rpc, CLERK) == []
    assert await templates(rpc, STRANGER) == []


async def test_a_message_arrives_whole(database: Database, rpc: NotificationsRpc) -> None:
    await happen(database, "FilingSubmitted")
    (message,) = (await inbox(rpc, RESIDENT)).messages
    assert message.subject == "已收件：大同里社区合唱队"
    assert "SB202603024601060001" in message.body
    assert message.about == "filings/019a0000-0000-7000-8000-0000000000f1"
    assert message.sent_at is not None
    assert message.read_at is None


async def test_a_clerk_sees_neither_the_village_below_nor_the_neighbor_town(
    database: Database, rpc: NotificationsRpc
) -> None:
    await happen(database, "FilingNoticeStarted")
    await happen(database, "FilingResubmitted")
    assert await templates(rpc, CLERK) == ["correction_made/1"]
    assert await templates(rpc, NEIGHBOR_CLERK) == []


async def test_an_official_sees_his_account_and_his_post_in_one_list(
    database: Database, rpc: NotificationsRpc
) -> None:
    await happen(database, "FilingReturned", applicant_account=CLERK.subject)
    await happen(database, "FilingResubmitted")
    await happen(database, "FilingReturned")
    assert sorted(await templates(rpc, CLERK)) == ["correction_asked/1", "correction_made/1"]


async def test_an_owner_of_an_organization_reads_his_account(
    database: Database, rpc: NotificationsRpc
) -> None:
    await happen(database, "OrganizationFiled")
    assert await templates(rpc, OWNER) == ["organization_filed/1"]


async def test_a_post_without_node_reads_no_post(database: Database, rpc: NotificationsRpc) -> None:
    await happen(database, "FilingResubmitted")
    assert await templates(rpc, Caller("a", Role.TOWN_CLERK)) == []


async def test_a_post_higher_up_does_not_read_the_posts_below_it(
    database: Database, rpc: NotificationsRpc
) -> None:
    await happen(database, "FilingResubmitted")
    county_as_authority = Caller("c", Role.TOWN_CLERK, "p5", COUNTY, COUNTY_PATH)
    assert await templates(rpc, county_as_authority) == []


async def test_pages_follow_newest_first_without_gap_or_double(
    database: Database, rpc: NotificationsRpc
) -> None:
    for day in range(1, 8):
        account = CLERK.subject if day % 2 else APPLICANT
        await happen(
            database,
            "FilingReturned",
            applicant_account=account,
            correction_due=f"2026-04-{day:02}",
        )
        await happen(database, "FilingResubmitted", resubmitted_on=f"2026-04-{day:02}")
    seen, token = [], ""
    for _ in range(4):
        page = await inbox(rpc, CLERK, page=PageRequest(size=3, token=token))
        seen += [message.message_id for message in page.messages]
        token = page.page.next_token if page.page else ""
    assert len(seen) == len(set(seen)) == 11
    assert seen == sorted(seen, reverse=True)
    assert token == ""


@pytest.mark.parametrize("token", ["*", "WyJ4Il0", "WzFd"])
async def test_a_forged_token_is_refused(rpc: NotificationsRpc, token: str) -> None:
    with pytest.raises(Refusal) as caught:
        await inbox(rpc, CLERK, page=PageRequest(token=token))
    assert (caught.value.kind, caught.value.code) == (Kind.MALFORMED, "common.page_token")


async def test_an_event_brought_twice_causes_its_messages_once(
    database: Database, rpc: NotificationsRpc
) -> None:
    event_id = uuid4()
    await happen(database, "OrganizationFiled", event_id)
    await happen(database, "OrganizationFiled", event_id)
    assert await templates(rpc, RESIDENT) == ["organization_filed/1"]
    assert await templates(rpc, VILLAGE) == ["filed_in_community/1"]


async def test_a_read_message_leaves_the_unread_ones_and_keeps_its_first_time(
    database: Database, rpc: NotificationsRpc
) -> None:
    await happen(database, "FilingLapsed")
    await happen(database, "FilingSubmitted")
    newest = (await inbox(rpc, RESIDENT)).messages[0].message_id
    first = await mark(rpc, RESIDENT, newest)
    again = await mark(rpc, RESIDENT, newest)
    assert first.read_at is not None
    assert first == again == (await inbox(rpc, RESIDENT)).messages[0]
    assert await templates(rpc, RESIDENT, unread=True) == ["filing_lapsed/1"]


async def test_holders_of_a_post_read_each_for_themselves(
    database: Database, rpc: NotificationsRpc
) -> None:
    await happen(database, "FilingResubmitted")
    (message,) = (await inbox(rpc, CLERK)).messages
    await mark(rpc, CLERK, message.message_id)
    colleague = Caller("colleague", CLERK.role, "p9", CLERK.region_code, CLERK.region_path)
    assert await templates(rpc, CLERK, unread=True) == []
    assert await templates(rpc, colleague, unread=True) == ["correction_made/1"]


async def test_a_repeated_mark_has_one_effect(database: Database, rpc: NotificationsRpc) -> None:
    await happen(database, "FilingLapsed")
    (message,) = (await inbox(rpc, RESIDENT)).messages
    key = str(uuid4())
    first = await mark(rpc, RESIDENT, message.message_id, key)
    assert await mark(rpc, RESIDENT, message.message_id, key) == first
    assert await database.pool.fetchval("SELECT count(*) FROM kit.audit") == 1


async def test_marks_at_the_same_time_agree_on_the_first(
    database: Database, rpc: NotificationsRpc
) -> None:
    await happen(database, "FilingLapsed")
    (message,) = (await inbox(rpc, RESIDENT)).messages
    marks = await asyncio.gather(*(mark(rpc, RESIDENT, message.message_id) for _ in range(4)))
    kept = (await inbox(rpc, RESIDENT)).messages[0]
    assert all(found == kept for found in marks)


@pytest.mark.parametrize("who", [STRANGER, CLERK, NEIGHBOR_CLERK])
async def test_a_message_of_somebody_else_is_not_found(
    database: Database, rpc: NotificationsRpc, who: Caller
) -> None:
    await happen(database, "FilingSubmitted")
    for reader in (RESIDENT, VILLAGE):
        (message,) = (await inbox(rpc, reader)).messages
        with pytest.raises(Refusal) as caught:
            await mark(rpc, who, message.message_id)
        assert caught.value.kind is Kind.NOT_FOUND
