"""Contact details: the owner's alone, encrypted where they lie; on a real database."""

from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag

from kit.database import Database
from kit.errors import Kind, Refusal
from kit.identity import Caller
from kit.secrets import Keyring
from kit.unit import Stale
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.notifications.v1 import notifications_pb as pb
from services.notifications.domain.contact import Contact, change
from services.notifications.rpc.messages import NotificationsRpc
from tests.notifications.callers import RESIDENT, act
from tests.notifications.conftest import KEYRING

PHONE = "12000001234"
GIVEN = pb.Contact(name="符测试", phone=PHONE, email="fu@example.invalid")
OTHER = Caller("other", Role.RESIDENT)


async def save(
    rpc: NotificationsRpc,
    given: pb.Contact = GIVEN,
    *,
    who: Caller = RESIDENT,
    version: int = 0,
    key: str = "",
) -> pb.SaveContactResponse:
    act(who, "SaveContact")
    request = pb.SaveContactRequest(request_id=key or str(uuid4()), version=version, contact=given)
    return await rpc.save_contact(request, None)


async def get(rpc: NotificationsRpc, who: Caller = RESIDENT) -> pb.GetContactResponse:
    act(who, "GetContact")
    return await rpc.get_contact(pb.GetContactRequest(), None)


async def stored(database: Database, query: str, account: str = RESIDENT.subject) -> list[str]:
    """What a thief of the files would read, as text of every column."""
    async with database.transaction() as connection:
        await connection.execute("SELECT set_config('minzheng.account', $1, true)", account)
        return [str(value) for row in await connection.fetch(query) for value in row.values()]


async def test_nothing_is_kept_at_first(rpc: NotificationsRpc) -> None:
    assert await get(rpc) == pb.GetContactResponse(contact=pb.Contact(), version=0)


async def test_what_is_saved_comes_back_with_its_version(rpc: NotificationsRpc) -> None:
    assert await save(rpc) == pb.SaveContactResponse(contact=GIVEN, version=1)
    assert await get(rpc) == pb.GetContactResponse(contact=GIVEN, version=1)
    without_mail = pb.Contact(name="符测试", phone="12000005678")
    assert (await save(rpc, without_mail, version=1)).version == 2
    assert await get(rpc) == pb.GetContactResponse(contact=without_mail, version=2)


async def test_a_change_of_an_older_version_is_refused(rpc: NotificationsRpc) -> None:
    await save(rpc)
    await save(rpc)
    with pytest.raises(Refusal) as caught:
        await save(rpc, version=1)
    assert caught.value.kind is Kind.STALE
    assert (await get(rpc)).version == 2


async def test_a_change_that_another_overtook_is_stale(rpc: NotificationsRpc) -> None:
    await save(rpc)
    kept, now = await rpc.contacts.load(RESIDENT)
    await save(rpc)
    request = pb.SaveContactRequest(request_id=str(uuid4()), contact=GIVEN)
    with pytest.raises(Stale):
        await rpc.contacts.save(
            change(kept, 0, Contact(phone=PHONE)), now, request, pb.SaveContactResponse()
        )
    assert (await get(rpc)).contact == GIVEN


async def test_a_repeated_request_saves_once(rpc: NotificationsRpc) -> None:
    key = str(uuid4())
    first = await save(rpc, key=key)
    assert await save(rpc, key=key) == first
    assert (await get(rpc)).version == 1


async def test_a_key_with_another_body_is_refused(rpc: NotificationsRpc) -> None:
    key = str(uuid4())
    await save(rpc, key=key)
    with pytest.raises(Refusal) as caught:
        await save(rpc, pb.Contact(phone="12000009999"), key=key)
    assert caught.value.code == "common.key_reused"
    assert (await get(rpc)).contact == GIVEN


async def test_nothing_is_readable_where_it_lies(database: Database, rpc: NotificationsRpc) -> None:
    await save(rpc)
    tables = ("contact", "kit.request", "kit.audit")
    for table in tables:
        rows = await stored(database, f"SELECT t::text AS row FROM {table} t")
        assert rows, "a table without row proves nothing"
        text = " ".join(rows)
        for plain in (PHONE, "符测试", "fu@example.invalid"):
            assert plain not in text
            assert plain.encode().hex() not in text


async def test_a_cell_opens_only_at_its_place(database: Database, rpc: NotificationsRpc) -> None:
    await save(rpc)
    async with database.transaction() as connection:
        await connection.execute(
            "SELECT set_config('minzheng.account', $1, true)", RESIDENT.subject
        )
        cell = bytes(await connection.fetchval("SELECT phone_cell FROM contact"))
    assert KEYRING.decrypt(cell, f"contact.phone:{RESIDENT.subject}") == PHONE
    with pytest.raises(InvalidTag):
        KEYRING.decrypt(cell, "contact.phone:other")
    with pytest.raises(InvalidTag):
        Keyring({1: b"g" * 32}, {}, {}).decrypt(cell, f"contact.phone:{RESIDENT.subject}")


async def test_equal_phones_share_a_blind_index_and_none_has_none(
    database: Database, rpc: NotificationsRpc
) -> None:
    await save(rpc)
    await save(rpc, who=OTHER)
    await save(rpc, pb.Contact(name="无号码"), who=Caller("third", Role.RESIDENT))
    query = "SELECT phone_keys FROM contact"
    (first,), (second,) = await stored(database, query), await stored(database, query, "other")
    assert first == second == str(KEYRING.blind(PHONE, "phone"))
    assert await stored(database, query, "third") == ["[]"]


async def test_nobody_else_sees_it(database: Database, rpc: NotificationsRpc) -> None:
    await save(rpc)
    assert await get(rpc, OTHER) == pb.GetContactResponse(contact=pb.Contact(), version=0)
    assert await stored(database, "SELECT 1 AS one FROM contact", "other") == []
    assert await stored(database, "SELECT 1 AS one FROM contact", "") == []


async def test_nobody_else_overwrites_it(database: Database, rpc: NotificationsRpc) -> None:
    await save(rpc)
    async with database.transaction() as connection:
        await connection.execute("SELECT set_config('minzheng.account', 'other', true)")
        assert await connection.execute("UPDATE contact SET version = 9") == "UPDATE 0"
        assert await connection.execute("DELETE FROM contact") == "DELETE 0"
    assert (await get(rpc)).version == 1
