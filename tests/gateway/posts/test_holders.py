"""The identity number of a post's holder: sealed and blind, brought under new keys, forgotten."""

from dataclasses import replace

import pytest

from gateway.posts.holders import SEALED, forgetting
from gateway.posts.imports import COLUMNS
from kit.database import connect
from kit.errors import Refusal
from kit.ids import uuid7
from kit.rotation import reseal, waiting
from tests.filing.builders import synthetic_id

DATONG, LONGHUA = "460106004000", "460106000000"


async def refused(work) -> str:
    with pytest.raises(Refusal) as refusal:
        await work
    return refusal.value.code


async def test_the_number_of_a_holder_is_kept_sealed_and_blind(room, rows) -> None:
    number = synthetic_id(7)
    post = await room.grant("anna", "TOWN_CLERK", DATONG, id_number=number.lower())
    assert number not in str(post)
    (stored,) = await rows("SELECT id_number, person_keys FROM post")
    place = SEALED.place("id_number", post.post_id)
    keyring = room.unit.keyring
    assert keyring.decrypt(bytes(stored["id_number"]), place) == number
    assert stored["person_keys"] == keyring.blind(number, "person")
    assert (await room.posts.held("anna"))[0].person_key == stored["person_keys"][0]
    for wrong in ("469900198001019999", "1", "46990019800230007X"):
        assert await refused(room.propose("bert", "DEPT", LONGHUA, id_number=wrong)) == (
            "posts.id_number"
        )
    again = room.propose("anna", "DEPT", LONGHUA, id_number=synthetic_id(8))
    assert await refused(again) == "posts.other_person"


async def test_a_number_comes_under_new_keys(room, rows) -> None:
    number = synthetic_id(7)
    post = await room.grant("anna", "TOWN_CLERK", DATONG, id_number=number)
    await room.grant("bert", "TOWN_CLERK", DATONG)
    before = room.unit.keyring
    both = replace(
        before,
        fields=before.fields | {2: b"g" * 32},
        index=before.index | {2: b"j" * 32},
        in_use={"field": 2, "index": 2},
    )
    connection = await connect("gateway", "owner")
    await connection.execute("SELECT set_config('minzheng.scope', 'r:/', false)")
    assert await reseal(connection, SEALED, both) == 1
    assert await waiting(connection, SEALED, both) == 0
    await connection.close()
    held, _ = await room.posts.held("anna")
    assert list(held.person_keys) == both.blind(number, "person")
    assert both.decrypt(held.posts[0].id_number, SEALED.place("id_number", post.post_id)) == number


async def test_a_number_is_forgotten_a_year_after_the_post(room, rows) -> None:
    for account in ("anna", "bert"):
        post = await room.grant(account, "TOWN_CLERK", DATONG, id_number=synthetic_id(7))
    await room.revoke(post.post_id)
    forget = forgetting(room.database).run
    assert await forget() == 0
    await rows(
        "UPDATE post SET revoked_at = revoked_at - interval '366 days' WHERE account = 'bert'"
    )
    assert (await forget(), await forget()) == (1, 0)
    assert [row[0] for row in await rows("SELECT account FROM post WHERE id_number IS NOT NULL")] == ["anna"]  # fmt: skip


async def test_a_number_stays_while_its_account_holds_a_post_granted_without_one(
    room, rows
) -> None:
    first = await room.grant("anna", "TOWN_CLERK", DATONG, id_number=synthetic_id(7))
    second = await room.grant("anna", "DEPT", LONGHUA)
    forget, aged = forgetting(room.database).run, "UPDATE post SET revoked_at = now() - interval"
    await room.revoke(first.post_id)
    await rows(f"{aged} '366 days' WHERE revoked_at IS NOT NULL")
    assert await forget() == 0
    await room.revoke(second.post_id)
    assert await forget() == 0
    await rows(f"{aged} '366 days'")
    assert await forget() == 1


async def test_numbers_of_an_import_are_sealed_and_a_wrong_one_is_not_repeated(room, rows) -> None:
    good, wrong = synthetic_id(7), "469900198001019999"

    def file(*numbers: str) -> bytes:
        lines = [f"a{n},DEPT,{DATONG},,,{number}" for n, number in enumerate(numbers)]
        return "\n".join((",".join(COLUMNS), *lines)).encode()

    preview = await room.call(
        "PreviewPostImport", request_id=str(uuid7()), content=file(good, wrong)
    )
    assert [(one.row, one.column, one.rule) for one in preview.faults] == [
        (3, "身份证号码", "posts.id_number")
    ]
    assert wrong not in str(preview)
    fields = {"import_id": str(uuid7()), "content": file(good)}
    await room.call("ProposePostImport", **fields)
    fields = {"import_id": fields["import_id"], "request_id": str(uuid7())}
    await room.call("ConfirmPostImport", room.second, **fields)
    ((cell, keys),) = await rows("SELECT id_number, person_keys FROM post")
    assert good.encode() not in bytes(cell)
    assert keys == room.unit.keyring.blind(good, "person")
