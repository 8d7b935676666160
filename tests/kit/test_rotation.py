"""Rows come under the keys in use, one by one, whoever writes meanwhile; what cannot be opened keeps its key."""

from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from kit import rotation
from kit.cli.app import app
from kit.database import Database, connect
from kit.rotation import REQUESTS, counts, reseal, waiting
from kit.secrets import Keyring
from kit.settings import settings
from services.filing.store.rows import SEALED as CASES
from services.notifications.store.contacts import SEALED as CONTACTS
from tests.conftest import Workload
from tests.filing.service import RESIDENT, Filing

OLD = Keyring({1: b"f" * 32}, {1: b"i" * 32}, {1: b"a" * 32})
BOTH = replace(
    OLD,
    fields=OLD.fields | {2: b"g" * 32},
    index=OLD.index | {2: b"j" * 32},
    in_use={"field": 2, "index": 2},
)
NEW = replace(BOTH, fields={2: b"g" * 32}, index={2: b"j" * 32})


@pytest.fixture
async def filing(workload: Workload) -> Filing:
    """The service, under the old keys."""
    return Filing(await workload("filing"))


async def owner(workload: str) -> Any:
    connection = await connect(workload, "owner")
    await connection.execute("SELECT set_config('minzheng.scope', 'r:/', false)")
    return connection


def under(filing: Filing, keyring: Keyring) -> Filing:
    """The same service in a process with other keys."""
    return Filing(filing.database, keyring)


async def test_every_row_comes_under_the_new_keys_and_is_read_without_the_old(
    filing: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)
    ids = [await filing.draft(brand) for brand in "甲乙丙丁戊己庚"]
    await filing.submit(ids[0])
    connection = await owner("filing")
    before = {
        i: (await filing.call("GetFiling", RESIDENT, filing_id=i)).filing.version for i in ids
    }
    assert await waiting(connection, CASES, BOTH) == 7
    assert await reseal(connection, CASES, BOTH) == 7
    assert await reseal(connection, CASES, BOTH) == await waiting(connection, CASES, BOTH) == 0
    asked = await waiting(connection, REQUESTS, BOTH)
    assert await reseal(connection, REQUESTS, BOTH) == asked > 20
    assert await reseal(connection, CASES, NEW) == 7, "the values of a retired index key go"
    found = await counts(connection, CASES) | await counts(connection, REQUESTS)
    assert {key_id for _, key_id in found} == {2}
    assert found["persons", 2] == 7
    await connection.close()
    later = under(filing, NEW)
    for filing_id in ids:
        case = (await later.call("GetFiling", RESIDENT, filing_id=filing_id)).filing
        assert case.form.principals[0].name, "readable"
        assert case.version == before[filing_id], "nobody's version moved"


async def test_a_repeated_request_gets_its_answer_from_before_the_rotation(filing: Filing) -> None:
    filing_id = await filing.draft()
    key = {"filing_id": filing_id, "request_id": "019a0000-0000-7000-8000-00000000000A"}
    first = await filing.call("WithdrawFiling", RESIDENT, **key)
    connection = await owner("filing")
    for sealed in (REQUESTS, CASES):
        await reseal(connection, sealed, BOTH)
    assert await rotation.digests(connection, 1) > 0, "its digest still needs the old index key"
    await connection.close()
    again = under(filing, replace(BOTH, fields=NEW.fields))
    assert await again.call("WithdrawFiling", RESIDENT, **key) == first


async def test_another_write_wins_over_the_rotation(filing: Filing) -> None:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    connection = await owner("filing")
    batch = await rotation._batch(connection, CASES, BOTH, ())
    await filing.call("WithdrawFiling", RESIDENT, filing_id=filing_id)
    assert await rotation._row(connection, CASES, BOTH, batch[0]) == 0
    state = (await filing.call("GetFiling", RESIDENT, filing_id=filing_id)).filing.state
    assert state.name == "WITHDRAWN"
    assert await reseal(connection, CASES, BOTH) == 1, "the next pass finds it"
    await connection.close()


async def test_a_row_that_cannot_be_opened_keeps_its_key_needed(filing: Filing) -> None:
    good, bad = await filing.draft("甲"), await filing.draft("乙")
    connection = await owner("filing")
    await connection.execute(
        "UPDATE filing SET persons = set_byte(persons, 20, get_byte(persons, 20) # 1)"
        " WHERE filing_id = $1::uuid",
        bad,
    )
    assert await reseal(connection, CASES, BOTH) == 1
    assert await waiting(connection, CASES, BOTH) == 1
    await connection.close()
    assert (await under(filing, NEW).call("GetFiling", RESIDENT, filing_id=good)).filing


async def test_contacts_come_under_it_too_though_only_their_owner_sees_them(
    workload: Workload,
) -> None:
    database: Database = await workload("notifications")
    connection = await owner("notifications")
    for account, phone in (("a", "12000001234"), ("b", "")):
        cells = [
            OLD.encrypt(text, CONTACTS.place(f"{name}_cell", account)) if text else None
            for name, text in (("name", "符测试"), ("phone", phone), ("email", ""))
        ]
        keys = OLD.blind(phone, "phone") if phone else []
        await connection.execute(
            "INSERT INTO contact VALUES ($1, $2, $3, $4, 1, $5)", account, *cells, keys
        )
    assert await reseal(connection, CONTACTS, BOTH) == 2
    assert await waiting(connection, CONTACTS, BOTH) == 0
    row = await connection.fetchrow("SELECT * FROM contact WHERE account = 'a'")
    assert NEW.decrypt(row["phone_cell"], "contact.phone:a") == "12000001234"
    assert row["phone_keys"] == BOTH.blind("12000001234", "phone")
    await connection.close()
    assert await database.pool.fetch("SELECT account FROM contact") == []


async def test_the_application_cannot_rotate(filing: Filing) -> None:
    """Its role sees nothing without a caller and never rewrites an answered request."""
    await filing.draft()
    async with filing.database.pool.acquire() as connection:
        assert await waiting(connection, CASES, BOTH) == 0
        with pytest.raises(Exception, match="permission denied"):
            await reseal(connection, REQUESTS, BOTH)


@pytest.mark.parametrize(
    "key", [("field", "1"), ("index", "1"), ("audit", "1"), ("field", "9")], ids=" ".join
)
async def test_a_key_in_use_or_unknown_is_not_retired(
    workload: Workload, key: tuple[str, str]
) -> None:
    await workload("filing")
    told = CliRunner().invoke(app, ["keys", "retire", *key, "--settled", "0"])
    assert told.exit_code == 1
    assert "in use" in told.output
    assert (settings().secret_folder / f"{key[0]}_key_1").exists()
