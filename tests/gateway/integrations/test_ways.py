"""Ways outward beside each other, by night, and where there are none; what is seen of them."""

import asyncio
from datetime import timedelta

import pytest

from gateway.integrations.sms.receipts import Receipts
from gateway.integrations.standing import NO_WAY, OUTBOX, Standing
from gateway.integrations.synthetic import SyntheticOnly
from kit.calendar import ZONE, QuietHours, WorkingCalendar
from kit.database import connect
from tests.conftest import Workload
from tests.gateway.integrations.conftest import Town, sms_client
from tests.gateway.integrations.office import MAIL, OPERATOR, PHONE, Office
from tests.neighbors import SmsProvider
from tests.sink import Authority


async def test_a_black_hole_does_not_slow_the_other_way(town: Town, authority: Authority) -> None:
    """The one way takes everything and never answers, with more than its room waiting."""
    office = town.office
    town.sms.knob.open.clear()
    for _ in range(12):
        await office.happen("OrganizationFiled")
    sms = office.senders["SMS"]
    await sms.round()
    assert len(sms.running) == sms.room
    stop = asyncio.Event()
    running = asyncio.create_task(sms.run(stop))
    async with asyncio.timeout(20):
        await office.settle("MAIL")
    assert len(town.mail.taken) == 12
    assert len(sms.running) == sms.room, "its room is bounded"
    assert town.sms.sent == {}
    town.sms.knob.open.set()
    stop.set()
    await running
    await office.settle("SMS")
    assert len(town.sms.sent) == 12


async def test_a_far_end_that_hangs_trips_its_breaker(
    workload: Workload, authority: Authority
) -> None:
    provider = SmsProvider(authority)
    provider.knob.open.clear()
    async with provider.sink:
        client = sms_client(provider, authority, 0.3)
        office = Office(await workload("notifications"), await workload("gateway"), {"SMS": client})
        await office.contact(phone=PHONE)
        for _ in range(8):
            await office.happen("OrganizationFiled")
        await office.settle("SMS")
        row = await office.gateway.pool.fetchrow("SELECT * FROM far_end WHERE channel = 'SMS'")
        assert row is not None
        assert row["failures"] >= 5
        office.ahead = timedelta(seconds=20)
        assert await office.senders["SMS"].round() == 0, "it rests"
        office.ahead = timedelta(minutes=10)
        assert await office.senders["SMS"].round() == 1, "one tries it"
        await asyncio.wait(office.senders["SMS"].running)
        provider.knob.open.set()
        office.ahead = timedelta(minutes=30)
        await office.settle("SMS")
        assert (await office.states())["SMS"] == ["ACCEPTED"] * 8
        await client.close()


async def test_two_gateways_share_the_work(town: Town) -> None:
    office = town.office
    for _ in range(20):
        await office.happen("OrganizationFiled")
    one, other = office.senders["SMS"], office.another("SMS")
    while await one.round() + await other.round() or one.running or other.running:
        if running := one.running | other.running:
            await asyncio.wait(running)
    assert len(town.sms.asked) == len(town.sms.sent) == 20


async def test_by_night_only_what_presses_goes(town: Town) -> None:
    office = town.office
    await office.happen("OrganizationFiled")
    local = (await office.now()).astimezone(ZONE)
    night = local.replace(hour=23, minute=30)
    night += timedelta(days=night < local)
    office.ahead = night - local
    office.hours = QuietHours.of("21:00-08:00")
    sender = office.another("SMS")
    assert await sender.round() == 0
    await office.gateway.pool.execute("UPDATE sending SET urgent = true WHERE channel = 'SMS'")
    assert await sender.round() == 1
    await asyncio.wait(sender.running)
    morning = office.hours.over(night, WorkingCalendar())
    assert morning.hour in (8, 9)
    office.ahead = morning - local
    office.senders["MAIL"] = office.another("MAIL")
    await office.settle("MAIL")
    assert len(town.mail.taken) == 1


async def test_what_the_person_takes_back_is_not_sent(town: Town) -> None:
    office = town.office
    await office.happen("OrganizationFiled")
    await office.contact(email="new@home.example")
    await office.settle()
    assert town.sms.asked == []
    assert ("FAILED", "NO_ADDRESS") in office.desk.reports
    assert [str(one["To"]) for one in town.mail.taken] == ["new@home.example"]


@pytest.mark.parametrize(
    ("phone", "mail"), [("13800001234", ""), ("", "fu@qq.com"), ("", "fu@example.com.cn")]
)
async def test_outside_production_a_real_looking_address_is_an_error(
    town: Town, phone: str, mail: str, caplog: pytest.LogCaptureFixture
) -> None:
    await town.office.contact(phone=phone, email=mail)
    await town.office.happen("OrganizationFiled")
    await town.office.settle()
    assert town.office.desk.reports == [("FAILED", "NOT_SYNTHETIC")]
    assert (town.sms.asked, town.mail.taken) == ([], [])
    assert "looks real" in caplog.text
    assert (phone or mail) not in caplog.text


async def test_without_far_ends_nothing_is_sent_and_all_can_be_looked_at(
    workload: Workload, authority: Authority
) -> None:
    transports = {
        "SMS": SyntheticOnly(Standing(OUTBOX)),
        "MAIL": SyntheticOnly(Standing(OUTBOX)),
    }
    office = Office(await workload("notifications"), await workload("gateway"), transports)
    await office.contact(phone=PHONE, email=MAIL)
    await office.happen("OrganizationFiled")
    await office.settle()
    assert await office.states() == {"SMS": ["KEPT"], "MAIL": ["KEPT"]}
    own = {one.channel.name: one for one in await office.shown()}
    assert own["SMS"].address == "120****1234"
    assert own["MAIL"].address == "f***@home.example"
    assert own["SMS"].subject == "准予备案：大同里社区合唱队"
    assert "SQBA4601060042026000017" in own["MAIL"].body
    for one in await office.shown(OPERATOR):
        assert (one.address, one.subject, one.body) == ("", "", "")
        assert list(one.templates) == ["organization_filed/1"]
        assert one.state.name == "KEPT"


async def test_production_without_a_way_says_so(workload: Workload, authority: Authority) -> None:
    transports = {"SMS": Standing(NO_WAY)}
    office = Office(await workload("notifications"), await workload("gateway"), transports)
    await office.contact(phone=PHONE)
    await office.happen("OrganizationFiled")
    await office.settle()
    assert office.desk.reports == [("FAILED", "NO_CHANNEL")]


async def test_no_number_and_address_is_in_a_url_or_a_row(town: Town) -> None:
    office = town.office
    await office.happen("OrganizationFiled")
    await office.settle()
    town.sms.receipt(*town.sms.sent)
    await Receipts(office.queue, office.desk, town.gateway).run()
    assert len(town.sms.urls) == 2
    seen = " ".join(town.sms.urls)
    for workload in ("notifications", "gateway"):
        seen += await everything(workload)
    assert "DispatchReleased" in seen
    for personal in (PHONE, MAIL):
        assert personal not in seen
        assert personal.encode().hex() not in seen


async def everything(workload: str) -> str:
    """Every row of a workload's database, as its owner's dump would show it."""
    owner = await connect(workload, "owner")
    looking = owner.transaction()
    await looking.start()
    tables = await owner.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
        " WHERE schemaname IN ('public', 'kit')"
    )
    for table in tables:
        await owner.execute(f"ALTER TABLE {table['name']} NO FORCE ROW LEVEL SECURITY")
    rows = [
        row["row"]
        for table in tables
        for row in await owner.fetch(f"SELECT t::text AS row FROM {table['name']} t")
    ]
    await looking.rollback()
    await owner.close()
    return " ".join(rows)
