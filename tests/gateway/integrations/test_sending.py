"""From a fact to the provider and the mail server, and what comes back; on databases and real sockets."""

from datetime import timedelta

import pytest

from gateway.integrations.letter import Letter
from gateway.integrations.schedule import ATTEMPTS
from gateway.integrations.sms.receipts import Receipts
from tests.conftest import Workload
from tests.gateway.integrations.conftest import Town, mail_client
from tests.gateway.integrations.office import MAIL, PHONE, Office
from tests.neighbors import SENDER, MailHost
from tests.sink import Authority, Reply


async def test_a_message_leaves_by_both_ways_and_is_receipted(town: Town) -> None:
    office, sms, mail = town.office, town.sms, town.mail
    await office.happen("OrganizationFiled")
    await office.settle()
    assert await office.states() == {"SMS": ["ACCEPTED"], "MAIL": ["ACCEPTED"]}
    ((request_id, sent),) = sms.sent.items()
    assert sent["mobile"] == PHONE
    assert sent["params"] == {"subject": "准予备案：大同里社区合唱队"}
    (got,) = mail.taken
    assert (got["To"], got["From"]) == (MAIL, SENDER)
    assert got["Subject"] == "准予备案：大同里社区合唱队"
    assert "SQBA4601060042026000017" in got.get_content()
    assert await office.left() == 0
    sms.receipt(request_id)
    assert await Receipts(office.queue, office.desk, town.gateway).run() == 1
    assert await office.states() == {"SMS": ["DELIVERED"], "MAIL": ["ACCEPTED"]}
    assert await Receipts(office.queue, office.desk, town.gateway).run() == 0
    assert sms.refused == 0


async def test_a_receipt_may_be_bad_early_and_strange(town: Town) -> None:
    office, sms = town.office, town.sms
    await office.happen("OrganizationFiled")
    office.desk.away = True
    await office.settle("SMS")
    assert sms.sent == {}, "what cannot be opened is not sent"
    office.desk.away = False
    await office.die()
    await office.settle("SMS")
    (request_id,) = sms.sent
    sms.receipt("no-id-of-ours")
    sms.receipt(request_id, "UNDELIVERED", "ABSENT_SUBSCRIBER")
    sms.receipt(request_id, "DELIVERED")
    assert await Receipts(office.queue, office.desk, town.gateway).run() == 3
    (shown,) = [one for one in await office.shown() if one.channel.name == "SMS"]
    assert (shown.state.name, shown.reason) == ("FAILED", "ABSENT_SUBSCRIBER")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Reply(422, {}, b'{"code": "INVALID_MOBILE"}'), "INVALID_MOBILE"),
        (Reply(400, {}, b'{"code": "to 12000001234 not possible"}'), "REFUSED"),
        (Reply(404, {}, b"<html>"), "REFUSED"),
        (Reply(422, {}, b"[]"), "REFUSED"),
    ],
)
async def test_what_will_never_arrive_ends_at_once(town: Town, answer: Reply, reason: str) -> None:
    town.sms.knob.answers = [answer]
    await town.office.happen("OrganizationFiled")
    await town.office.settle("SMS")
    assert ("FAILED", reason) in town.office.desk.reports
    assert len(town.sms.asked) == 1


async def test_what_fails_for_a_while_arrives_under_the_same_key(town: Town) -> None:
    office, sms = town.office, town.sms
    sms.knob.answers = [Reply(503), Reply(500), Reply(409)]
    await office.happen("OrganizationFiled")
    for tries in range(1, 5):
        await office.settle("SMS")
        assert len(sms.asked) == tries, "no sooner than the schedule says"
        office.ahead += timedelta(hours=1)
    assert len({one["requestId"] for one in sms.asked}) == 1
    assert (await office.states())["SMS"] == ["ACCEPTED"]
    (shown,) = [one for one in await office.shown() if one.channel.name == "SMS"]
    assert shown.attempts == 4


async def test_what_fails_on_and_on_is_given_up(town: Town) -> None:
    office, sms = town.office, town.sms
    sms.knob.answers = [Reply(409)] * 99
    await office.happen("OrganizationFiled")
    for _ in range(2 * ATTEMPTS):
        await office.settle("SMS")
        office.ahead += (
            timedelta(hours=13) if len(sms.asked) >= ATTEMPTS - 1 else timedelta(hours=1)
        )
    assert 2 < len(sms.asked) <= ATTEMPTS
    assert office.desk.reports == [("FAILED", "IN_FLIGHT")]


async def test_a_throttled_provider_is_left_alone_and_no_attempt_is_lost(town: Town) -> None:
    office, sms = town.office, town.sms
    sms.knob.answers = [Reply(429, {"retry-after": "600"})]
    await office.happen("OrganizationFiled")
    await office.settle("SMS")
    await office.happen("FilingReturned")
    office.ahead = timedelta(minutes=9)
    await office.settle("SMS")
    assert len(sms.asked) == 1, "the whole way rests"
    assert await office.gateway.pool.fetchval("SELECT max(attempts) FROM sending") == 0
    office.ahead = timedelta(minutes=11)
    await office.settle("SMS")
    assert len(sms.sent) == 2


@pytest.mark.parametrize(
    ("rejected", "taken", "reason"),
    [("550 no such user", "", "SMTP_550"), ("", "554 not this text", "SMTP_554")],
)
async def test_a_bounced_mail_ends_at_once(
    town: Town, rejected: str, taken: str, reason: str
) -> None:
    town.mail.rejects = {MAIL: rejected} if rejected else {}
    town.mail.knob.answers = [taken] if taken else []
    await town.office.happen("OrganizationFiled")
    await town.office.settle("MAIL")
    assert town.office.desk.reports == [("FAILED", reason)]


async def test_a_greylisted_mail_comes_again_and_others_pass(town: Town) -> None:
    office, mail = town.office, town.mail
    mail.knob.answers = ["451 4.7.1 greylisted, come back"]
    await office.happen("OrganizationFiled")
    await office.settle("MAIL")
    await office.happen("FilingReturned")
    await office.settle("MAIL")
    assert [str(one["Subject"])[:2] for one in mail.taken] == ["一次"], "it holds nobody else back"
    office.ahead = timedelta(minutes=6)
    await office.settle("MAIL")
    assert len(mail.taken) == 2


async def test_a_mail_server_is_believed_by_its_certificate_only(
    workload: Workload, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = Authority(tmp_path_factory.mktemp("stranger"))
    async with MailHost(stranger) as host:
        transports = {"MAIL": mail_client(host, authority, 5.0)}
        office = Office(await workload("notifications"), await workload("gateway"), transports)
        await office.contact(email=MAIL)
        await office.happen("OrganizationFiled")
        await office.settle("MAIL")
        assert host.taken == []
        assert await office.gateway.pool.fetchval("SELECT reason FROM sending") in (
            "TLS",
            "UNREACHABLE",
        )


async def test_killed_before_the_record_an_sms_is_one_and_a_mail_has_one_id(town: Town) -> None:
    """What was answered and not recorded is handed over again."""
    office, sms, mail = town.office, town.sms, town.mail
    await office.happen("OrganizationFiled")
    for channel in ("SMS", "MAIL"):
        now = await office.now()
        (one,) = await office.queue.claim(
            channel, now, room=1, lease=timedelta(seconds=30), quiet=False
        )
        opened = await office.desk.open(str(one.dispatch_id))
        letter = Letter(str(one.dispatch_id), opened.address, opened.subject, opened.body)
        await office.transports[channel].send(letter)
    await office.die()
    await office.settle()
    assert (len(sms.asked), len(sms.sent)) == (2, 1)
    assert len(mail.taken) == 2
    assert len({str(one["Message-ID"]) for one in mail.taken}) == 1
    assert await office.states() == {"SMS": ["ACCEPTED"], "MAIL": ["ACCEPTED"]}


async def test_what_was_recorded_is_only_reported_again(town: Town) -> None:
    office = town.office
    await office.happen("OrganizationFiled")
    (one,) = await office.queue.claim(
        "SMS", await office.now(), room=1, lease=timedelta(seconds=30), quiet=False
    )
    await office.queue.record(one, "ACCEPTED", "")
    await office.die()
    await office.settle("SMS")
    assert town.sms.asked == []
    assert office.desk.reports == [("ACCEPTED", "")]
    assert (await office.states())["SMS"] == ["ACCEPTED"]


async def test_a_message_too_old_says_nothing_new(town: Town) -> None:
    office = town.office
    await office.happen("OrganizationFiled")
    office.ahead = timedelta(hours=49)
    await office.settle()
    assert office.desk.reports == [("FAILED", "EXPIRED")] * 2
    assert (town.sms.asked, town.mail.taken) == ([], [])
