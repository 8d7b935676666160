"""Announcements on a database: two persons, who sees what, plain text, pages, retries."""

from dataclasses import replace
from typing import Any

import pytest

from kit.errors import Kind, Refusal
from kit.identity import ANONYMOUS, Caller
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.supervision.v1 import announcements_pb as pb
from tests.filing.service import CLERK, LEAD, RESIDENT, at
from tests.supervision.service import Supervision

COUNTY = at(Role.COUNTY_CLERK, "460106000000")
OTHER_LEAD = at(Role.TOWN_LEAD, "460106100000", "other-lead")
OTHER = pb.AnnouncementKind.OTHER


def text(title: str = "关于夏季消防检查的公告", **changed: Any) -> pb.AnnouncementText:
    return pb.AnnouncementText(
        **{"kind": OTHER, "title": title, "body": "第一段\n第二段"} | changed
    )


async def draft(supervision: Supervision, who: Caller = CLERK, **said: Any) -> str:
    """A draft; answers its id."""
    found = str(uuid7())
    await supervision.call("DraftAnnouncement", who, announcement_id=found, text=text(**said))
    return found


async def published(supervision: Supervision, **said: Any) -> str:
    """A published announcement."""
    found = await draft(supervision, **said)
    await supervision.call("PublishAnnouncement", LEAD, announcement_id=found)
    return found


async def refused(call: Any) -> tuple[Kind, str]:
    with pytest.raises(Refusal) as refusal:
        await call
    return refusal.value.kind, refusal.value.code


async def titles(supervision: Supervision, name: str = "ListAnnouncements", who: Caller = ANONYMOUS, **asked: Any) -> list[str]:  # fmt: skip
    answer = await supervision.call(name, who, **asked)
    assert all(one.text.body == "" for one in answer.announcements)
    return [one.text.title for one in answer.announcements]


async def test_one_drafts_another_publishes_everybody_reads(supervision: Supervision) -> None:
    found = await draft(supervision)
    ask = {"announcement_id": found}
    assert await titles(supervision) == []
    assert (await refused(supervision.call("GetAnnouncement", **ask)))[0] is Kind.NOT_FOUND
    assert await titles(supervision, "ListDraftAnnouncements", LEAD) == ["关于夏季消防检查的公告"]
    draft_shown = (await supervision.call("GetAnnouncement", LEAD, **ask)).announcement
    assert (draft_shown.state, draft_shown.published_on) == (pb.AnnouncementState.DRAFT, "")
    done = (await supervision.call("PublishAnnouncement", LEAD, version=1, **ask)).announcement
    shown = (await supervision.call("GetAnnouncement", **ask)).announcement
    assert shown == done
    assert shown.text.body == "第一段\n第二段"
    assert (shown.issuer.full_name, shown.version) == ("海口市龙华区大同街道", 2)
    assert await titles(supervision, "ListDraftAnnouncements", LEAD) == []


@pytest.mark.parametrize(
    "second",
    [
        replace(LEAD, subject=CLERK.subject),
        replace(LEAD, person_key="one"),
        replace(LEAD, delegator=CLERK.subject),
        replace(LEAD, delegator_key="one"),
    ],
    ids=["account", "person", "in the stead of the account", "in the stead of the person"],
)
async def test_who_has_written_does_not_publish(supervision: Supervision, second: Caller) -> None:
    found = await draft(supervision, replace(CLERK, person_key="one"))
    call = supervision.call("PublishAnnouncement", second, announcement_id=found)
    assert await refused(call) == (Kind.CONFLICT, "announcement.same_person")
    editor = replace(CLERK, subject="editor")
    await supervision.call(
        "EditAnnouncement", editor, announcement_id=found, text=text("改过的公告")
    )
    by_editor = replace(LEAD, subject="editor")
    call = supervision.call("PublishAnnouncement", by_editor, announcement_id=found)
    assert await refused(call) == (Kind.CONFLICT, "announcement.same_person")
    await supervision.call("PublishAnnouncement", LEAD, announcement_id=found)
    assert await titles(supervision) == ["改过的公告"]


async def test_what_was_read_is_what_is_published(supervision: Supervision) -> None:
    found = await draft(supervision)
    await supervision.call(
        "EditAnnouncement", CLERK, announcement_id=found, text=text("后来的公告")
    )
    call = supervision.call("PublishAnnouncement", LEAD, announcement_id=found, version=1)
    assert await refused(call) == (Kind.STALE, "common.stale_version")


async def test_a_draft_is_discarded_and_leaves_its_trace(supervision: Supervision) -> None:
    kept, gone = await draft(supervision), await draft(supervision)
    ask = {"announcement_id": gone}
    stale = supervision.call("DiscardAnnouncement", CLERK, version=7, **ask)
    assert await refused(stale) == (Kind.STALE, "common.stale_version")
    for who in (OTHER_LEAD, COUNTY):
        foreign = supervision.call("DiscardAnnouncement", who, **ask)
        assert (await refused(foreign))[0] is Kind.NOT_FOUND
    again = ask | {"request_id": str(uuid7())}
    answers = [await supervision.call("DiscardAnnouncement", CLERK, **again) for _ in range(2)]
    assert answers[0] == answers[1]
    assert (await refused(supervision.call("GetAnnouncement", LEAD, **ask)))[0] is Kind.NOT_FOUND
    drafts = await supervision.call("ListDraftAnnouncements", LEAD)
    assert [one.announcement_id for one in drafts.announcements] == [kept]
    trace = "SELECT from_state, to_state FROM kit.audit WHERE action = 'discard_announcement'"
    rows = await supervision.database.pool.fetch(f"{trace} AND outcome = 'done'")
    assert [tuple(row) for row in rows] == [("DRAFT", "DISCARDED")]


async def test_what_was_published_is_not_discarded(supervision: Supervision) -> None:
    found = await published(supervision)
    discard = supervision.call("DiscardAnnouncement", CLERK, announcement_id=found)
    assert (await refused(discard))[0] is Kind.NOT_FOUND
    assert await titles(supervision) == ["关于夏季消防检查的公告"]


async def test_withdrawn_it_keeps_title_and_reason(supervision: Supervision) -> None:
    found = await published(supervision)
    ask = {"announcement_id": found}
    await supervision.call("WithdrawAnnouncement", LEAD, reason="内容有误", **ask)
    shown = (await supervision.call("GetAnnouncement", **ask)).announcement
    assert (shown.reason, shown.text.title, shown.text.body) == ("内容有误", "关于夏季消防检查的公告", "")  # fmt: skip
    own = (await supervision.call("GetAnnouncement", LEAD, **ask)).announcement
    assert own.text.body == "第一段\n第二段"
    again = supervision.call("WithdrawAnnouncement", LEAD, reason="再撤", **ask)
    assert (await refused(again))[0] is Kind.NOT_FOUND


async def test_another_office_reaches_nothing_of_it(supervision: Supervision) -> None:
    found = await draft(supervision)
    ask = {"announcement_id": found}
    for who in (OTHER_LEAD, COUNTY, RESIDENT, ANONYMOUS):
        assert (await refused(supervision.call("GetAnnouncement", who, **ask)))[0] is Kind.NOT_FOUND
    assert await titles(supervision, "ListDraftAnnouncements", COUNTY) == []
    publish = supervision.call("PublishAnnouncement", OTHER_LEAD, **ask)
    assert (await refused(publish))[0] is Kind.NOT_FOUND
    await supervision.call("PublishAnnouncement", LEAD, **ask)
    withdraw = supervision.call("WithdrawAnnouncement", OTHER_LEAD, reason="无关", **ask)
    assert (await refused(withdraw))[0] is Kind.NOT_FOUND


@pytest.mark.parametrize("changed", [{"title": "<b>公告</b>"}, {"body": "<script>x</script>"}, {"body": "见<!-- -->"}, {"body": "响铃\a"}, {"title": "两\n行"}])  # fmt: skip
async def test_plain_text_only(supervision: Supervision, changed: dict[str, str]) -> None:
    assert await refused(draft(supervision, **changed)) == (Kind.INVALID, "announcement.markup")
    assert (await refused(draft(supervision, body=" \n ")))[1] == "announcement.empty"
    await draft(supervision, body="报名人数<20人且>5人时 A<B")


async def test_a_street_never_bans(supervision: Supervision) -> None:
    ban = pb.AnnouncementKind.BAN
    call = draft(supervision, kind=ban)
    assert await refused(call) == (Kind.INVALID, "announcement.not_this_level")
    await draft(supervision, COUNTY, kind=ban)
    none = draft(supervision, kind=pb.AnnouncementKind.UNSPECIFIED)
    assert await refused(none) == (Kind.INVALID, "announcement.no_kind")


async def test_lists_by_region_and_kind_page_by_page(supervision: Supervision) -> None:
    for number in range(5):
        kind = pb.AnnouncementKind.CANCELLATION if number % 2 else OTHER
        await published(supervision, title=f"公告{number}", kind=kind)
    page, seen = PageRequest(size=2), []
    while True:
        answer = await supervision.call("ListAnnouncements", page=page)
        seen += [one.text.title for one in answer.announcements]
        if not answer.page.next_token:
            break
        page = PageRequest(size=2, token=answer.page.next_token)
    assert seen == [f"公告{number}" for number in (4, 3, 2, 1, 0)]
    for region, count in (("460106000000", 5), ("460106004000", 5), ("460107000000", 0)):
        assert len(await titles(supervision, region=region)) == count
    cancelled = {"kind": pb.AnnouncementKind.CANCELLATION}
    assert await titles(supervision, **cancelled) == ["公告3", "公告1"]


async def test_a_request_sent_again_has_one_effect(supervision: Supervision) -> None:
    found, key = str(uuid7()), str(uuid7())
    drafts = [await supervision.call("DraftAnnouncement", CLERK, announcement_id=found, text=text()) for _ in range(2)]  # fmt: skip
    assert drafts[0] == drafts[1]
    asked = {"announcement_id": found, "request_id": key}
    answers = [await supervision.call("PublishAnnouncement", LEAD, **asked) for _ in range(2)]
    assert answers[0] == answers[1]
    assert await supervision.database.pool.fetchval("SELECT count(*) FROM kit.audit WHERE outcome = 'done'") == 2  # fmt: skip


FORGED = """UPDATE announcement SET state = 'PUBLISHED', published_on = '2026-03-02'
 WHERE (SELECT set_config('minzheng.scope', $1, true)) IS NOT NULL RETURNING 1"""


REMOVED = """DELETE FROM announcement
 WHERE (SELECT set_config('minzheng.scope', $1, true)) IS NOT NULL RETURNING 1"""


@pytest.mark.parametrize("scope", ["", "s:clerk", OTHER_LEAD.scope])
async def test_row_security_alone_keeps_drafts_apart(supervision: Supervision, scope: str) -> None:
    await draft(supervision)
    assert await supervision.database.pool.fetchval(FORGED, scope) is None
    seen = "SELECT 1 FROM announcement WHERE (SELECT set_config('minzheng.scope', $1, true)) IS NOT NULL"  # fmt: skip
    assert await supervision.database.pool.fetchval(seen, scope) is None
    assert await supervision.database.pool.fetchval(REMOVED, scope) is None


async def test_row_security_lets_nobody_remove_what_was_published(supervision: Supervision) -> None:
    await published(supervision)
    assert await supervision.database.pool.fetchval(REMOVED, LEAD.scope) is None
    await draft(supervision)
    assert await supervision.database.pool.fetchval(REMOVED, LEAD.scope) == 1
