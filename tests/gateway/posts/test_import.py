"""A county's posts from one file: looked at row by row, proposed and confirmed all or none."""

import asyncio
import io
import time

import openpyxl
import pytest

from gateway.posts.imports import COLUMNS
from gateway.posts.rpc.imports import roles
from gateway.posts.spreadsheet import MOST_ROWS
from kit.errors import Refusal
from kit.ids import uuid7
from kit.regions import Level, hainan
from tests.gateway.uploads.good import document

DATONG, LONGHUA, COMMUNITY = "460106004000", "460106000000", "460106004002"
HEAD = ",".join(COLUMNS)


def csv_of(*rows: str, encoding: str = "utf-8", head: str = HEAD) -> bytes:
    return "\r\n".join((head, *rows)).encode(encoding)


def xlsx_of(*rows: tuple[object, ...], head: tuple[str, ...] = COLUMNS) -> bytes:
    book = openpyxl.Workbook()
    for row in (head, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def many(count: int) -> bytes:
    """Village posts over the communities of the tree, `count` of them."""
    places = [
        n.code for n in hainan()._nodes.values() if n.level is Level.COMMUNITY and not n.placeholder
    ]
    return csv_of(*(f"account-{n},VILLAGE,{places[n % len(places)]},," for n in range(count)))


class Desk:
    """Two administrators and a file."""

    def __init__(self, room: object) -> None:
        self.room = room

    async def preview(self, content: bytes):
        return await self.room.call("PreviewPostImport", request_id=str(uuid7()), content=content)

    async def propose(self, content: bytes, import_id: str = "", who=None):
        fields = {"import_id": import_id or str(uuid7()), "content": content}
        return (await self.room.call("ProposePostImport", who, **fields)).import_

    async def confirm(self, import_id: str, who=None, key: str = ""):
        fields = {"import_id": import_id, "request_id": key or str(uuid7())}
        answer = await self.room.call("ConfirmPostImport", who or self.room.second, **fields)
        return answer.import_

    async def decline(self, import_id: str):
        fields = {"import_id": import_id, "request_id": str(uuid7()), "reason": "名单有误"}
        return (await self.room.call("DeclinePostImport", **fields)).import_

    async def faults(self, content: bytes) -> list[tuple[int, str, str]]:
        return [(one.row, one.column, one.rule) for one in (await self.preview(content)).faults]


@pytest.fixture
def desk(room) -> Desk:
    return Desk(room)


async def refused(work) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await work
    return refusal.value


async def stored(rows) -> list[tuple[str, str, bool]]:
    found = await rows(
        "SELECT account, role, confirmed_at IS NOT NULL FROM post ORDER BY account, role"
    )
    return [tuple(row) for row in found]


GOOD = csv_of(f"anna,街道（乡镇）经办,{DATONG},,", f"bert,TOWN_LEAD,{DATONG},2199-01-01,2199-12-31")


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("gb18030"),
        xlsx_of(("anna", "TOWN_CLERK", int(DATONG), None, None), ("bert", "TOWN_LEAD", DATONG)),
    ],
)
async def test_a_good_file_is_right_in_every_row_and_nothing_is_written(
    desk, rows, content
) -> None:
    answer = await desk.preview(content)
    assert (answer.right, answer.wrong, list(answer.faults)) == (2, 0, [])
    assert await stored(rows) == []
    assert await rows("SELECT 1 FROM post_import") == []


async def test_every_fault_names_row_column_and_rule(desk, room, rows) -> None:
    await room.grant("held", "DEPT", LONGHUA)
    content = csv_of(
        f",TOWN_CLERK,{DATONG},,",
        f"a2,鎮長,{DATONG},,",
        "a3,DEPT,46010600400,,",
        f"a4,DEPT,{DATONG},2026-02-30,",
        f"a5,VILLAGE,{DATONG},,",
        "a6,DEPT,999999999999,,",
        f"held,DEPT,{LONGHUA},,",
        f"admin,DEPT,{LONGHUA},,",
        f"a9,ORG_OWNER,{COMMUNITY},,",
        f"a10,DEPT,{DATONG},2001-01-01,",
        "",
        f"a12,DEPT,{DATONG},,",
        f"a12,DEPT,{DATONG},,",
        f",RESIDENT,{DATONG},,x",
    )
    assert await desk.faults(content) == [
        (2, "账号", "posts.import_account"),
        (3, "岗位", "posts.import_role"),
        (4, "地区代码", "posts.import_region"),
        (5, "生效日期", "posts.dates"),
        (6, "地区代码", "posts.wrong_level"),
        (7, "地区代码", "region.unknown"),
        (8, "", "posts.already_held"),
        (9, "账号", "posts.own_grant"),
        (10, "岗位", "posts.organization_role"),
        (11, "", "posts.dates"),
        (14, "", "posts.already_held"),
        (15, "账号", "posts.import_account"),
        (15, "岗位", "posts.import_role"),
        (15, "终止日期", "posts.dates"),
    ]
    answer = await desk.preview(content)
    assert (answer.right, answer.wrong) == (1, 12)
    assert all(any("一" <= sign <= "鿿" for sign in one.message) for one in answer.faults)
    assert len(await rows("SELECT 1 FROM post")) == 1


async def test_a_file_with_one_fault_imports_nothing(desk, rows) -> None:
    content = csv_of(f"anna,DEPT,{DATONG},,", f"bert,VILLAGE,{DATONG},,")
    refusal = await refused(desk.propose(content))
    assert refusal.code == "posts.import_faults"
    assert [(one.field, one.rule) for one in refusal.violations] == [
        ("rows[3].地区代码", "posts.wrong_level")
    ]
    assert await stored(rows) == []


@pytest.mark.parametrize(
    ("head", "faults"),
    [
        ("账号,岗位", [(1, "地区代码", "posts.import_head")]),
        (HEAD + ",姓名", [(1, "姓名", "posts.import_head")]),
    ],
)
async def test_the_head_is_the_template(desk, head, faults) -> None:
    assert await desk.faults(csv_of("anna,DEPT,x,,", head=head)) == faults


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x00\x01\x02\xff\xfe\xff", "posts.import_file"),
        (HEAD.encode(), "posts.import_file"),
        (b'a,"b\r\nc', "posts.import_file"),
        (b"PK\x03\x04 no archive", "upload.damaged"),
    ],
)
async def test_what_is_no_table_is_refused(desk, content, code) -> None:
    assert (await refused(desk.preview(content))).code == code


async def test_another_office_file_is_no_table(desk) -> None:
    assert (await refused(desk.preview(document()))).code == "posts.import_file"


async def test_two_administrators_bring_the_whole_file_in_force(desk, room, rows) -> None:
    made = await desk.propose(GOOD)
    assert (made.state.name, made.rows) == ("PROPOSED", 2)
    assert await stored(rows) == [("anna", "TOWN_CLERK", False), ("bert", "TOWN_LEAD", False)]
    assert (
        await refused(desk.confirm(made.import_id, room.admin))
    ).code == "posts.same_administrator"
    done = await desk.confirm(made.import_id)
    assert (done.state.name, done.closed_by) == ("GRANTED", "second")
    assert await stored(rows) == [("anna", "TOWN_CLERK", True), ("bert", "TOWN_LEAD", True)]
    audit = await rows("SELECT action, to_state FROM kit.audit WHERE outcome = 'done' ORDER BY id")
    assert [tuple(row) for row in audit] == [
        ("propose_post_import", "PROPOSED"),
        *[("confirm_post_import", "GRANTED")] * 3,
    ]
    facts = await rows("SELECT aggregateid, aggregate_version FROM kit.outbox ORDER BY aggregateid")
    assert [tuple(row) for row in facts] == [("anna", 1), ("bert", 1)]


async def test_three_times_the_same_is_once(desk, rows) -> None:
    import_id, key = str(uuid7()), str(uuid7())
    proposed = [await desk.propose(GOOD, import_id) for _ in range(3)]
    confirmed = [await desk.confirm(import_id, key=key) for _ in range(3)]
    assert proposed == proposed[:1] * 3
    assert confirmed == confirmed[:1] * 3
    assert len(await rows("SELECT 1 FROM post")) == len(await rows("SELECT 1 FROM kit.outbox")) == 2
    assert (await refused(desk.confirm(import_id))).code == "posts.import_closed"
    # The same file as a new import: every row is held by now.
    assert (await refused(desk.propose(GOOD))).code == "posts.import_faults"


async def test_a_file_that_waits_is_known_by_its_content(desk) -> None:
    admins = csv_of("anna,SEC_ADMIN,460000000000,,")
    first = await desk.propose(admins)
    assert (await refused(desk.propose(admins))).code in (
        "posts.import_known",
        "posts.import_faults",
    )
    assert (await desk.decline(first.import_id)).state.name == "REVOKED"
    assert (await desk.propose(admins)).state.name == "PROPOSED"


async def test_a_declined_import_never_comes_in_force(desk, room, rows) -> None:
    made = await desk.propose(GOOD)
    await desk.decline(made.import_id)
    assert (await refused(desk.confirm(made.import_id))).code == "posts.import_closed"
    ended = await rows("SELECT 1 FROM post WHERE revoked_at IS NULL OR confirmed_at IS NOT NULL")
    assert ended == []
    assert await rows("SELECT 1 FROM kit.outbox") == []


async def test_one_row_that_cannot_be_granted_any_more_holds_all_back(desk, room, rows) -> None:
    made = await desk.propose(GOOD)
    granted = await room.propose("other", "DEPT", LONGHUA)
    await rows(
        "UPDATE post SET account = 'anna', role = 'TOWN_CLERK', region_code = '460106004000',"
        f" confirmed_at = now(), confirmed_by = 'second' WHERE post_id = '{granted.post_id}'"
    )
    refusal = await refused(desk.confirm(made.import_id))
    assert refusal.code == "posts.import_outdated"
    assert [one.rule for one in refusal.violations] == ["posts.already_held"]
    assert [row for row in await stored(rows) if row[0] == "bert"] == [("bert", "TOWN_LEAD", False)]


async def test_a_post_of_an_import_is_not_confirmed_or_declined_alone(desk, room, rows) -> None:
    await desk.propose(GOOD)
    (post_id,) = (await rows("SELECT post_id FROM post WHERE account = 'anna'"))[0]
    assert (await refused(room.confirm(str(post_id)))).code == "posts.of_import"
    assert (await refused(room.revoke(str(post_id)))).code == "posts.of_import"


async def test_what_waits_is_listed_with_its_rows(desk, room) -> None:
    made = [await desk.propose(csv_of(f"a{n},DEPT,{DATONG},,")) for n in range(3)]
    answer = await room.call("ListPostImports", room.second)
    assert [one.import_id for one in answer.imports] == [one.import_id for one in made[::-1]]
    page = await room.call("ListPosts", room.second, import_id=made[1].import_id)
    assert [post.account for post in page.posts] == ["a1"]


async def test_two_confirmations_at_once_grant_once(desk, room, rows) -> None:
    made = await desk.propose(GOOD)
    work = [asyncio.create_task(desk.confirm(made.import_id)) for _ in range(2)]
    ended = await asyncio.gather(*work, return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["PostImport", "Refusal"]
    assert len(await rows("SELECT 1 FROM kit.outbox")) == 2


async def test_more_rows_than_allowed_are_refused(desk) -> None:
    assert (await refused(desk.preview(many(MOST_ROWS + 1)))).code == "posts.import_size"


async def test_a_county_comes_in_one_file(desk, rows) -> None:
    content = many(MOST_ROWS)
    began = time.perf_counter()
    made = await desk.propose(content)
    asked = time.perf_counter()
    await desk.confirm(made.import_id)
    print(f"propose {asked - began:.2f} s, confirm {time.perf_counter() - asked:.2f} s")
    assert len(await rows("SELECT 1 FROM kit.outbox")) == MOST_ROWS
    counted = "SELECT count(*) FROM post WHERE confirmed_at IS NOT NULL"
    assert (await rows(counted))[0][0] == MOST_ROWS


def test_roles_go_by_name_and_code() -> None:
    assert roles()["街道（乡镇）经办"] == roles()["TOWN_CLERK"] == "TOWN_CLERK"
    assert "RESIDENT" not in roles().values()
