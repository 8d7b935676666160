"""Retries by class, how a far end fares, who is synthetic, what the settings must name: pure functions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiosmtplib
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.integrations import schedule
from gateway.integrations.far_ends import transports
from gateway.integrations.letter import REASON, Kind, Verdict, code
from gateway.integrations.mail.server import ADDRESS, MailServer
from gateway.integrations.mail.server import judged as judged_mail
from gateway.integrations.sms.gateway import SmsGateway
from gateway.integrations.sms.gateway import judged as judged_sms
from gateway.integrations.standing import NO_WAY, OUTBOX, Standing
from gateway.integrations.synthetic import SYNTHETIC, SyntheticOnly
from gateway.integrations.worker import fares
from gateway.queue.breaker import LONGEST_HOLD, Health
from kit.settings import Settings

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
CHANCES = st.floats(0, 1, exclude_max=True)
VERDICTS = st.builds(
    Verdict,
    st.sampled_from([Kind.TRANSIENT, Kind.THROTTLED]),
    st.just("X"),
    st.integers(0, 10**7).map(lambda seconds: timedelta(seconds=seconds)),
    st.booleans(),
)


@given(st.lists(st.tuples(VERDICTS, CHANCES), min_size=1, max_size=200))
def test_every_letter_comes_to_an_end(steps: list[tuple[Verdict, float]]) -> None:
    """Whatever is answered: tries move on in time, are counted, and end within the life."""
    now, attempts = START, 0
    for verdict, chance in steps:
        attempts += verdict.kind is not Kind.THROTTLED
        due = schedule.again(attempts, verdict, START, now, chance)
        if due is None:
            wait = max(schedule.DELAYS[-1] * 2, min(verdict.asked, LONGEST_HOLD))
            assert attempts == schedule.ATTEMPTS or now + wait >= START + schedule.LIFE
            return
        assert now + min(schedule.DELAYS[0], schedule.THROTTLE) <= due < START + schedule.LIFE
        assert due >= now + min(verdict.asked, LONGEST_HOLD)
        assert attempts < schedule.ATTEMPTS
        now = due


@given(st.lists(CHANCES, min_size=7, max_size=7))
def test_eight_attempts_within_a_day(chances: list[float]) -> None:
    now, failed = START, Verdict(Kind.TRANSIENT)
    for attempts, chance in enumerate(chances, 1):
        due = schedule.again(attempts, failed, START, now, chance)
        assert due is not None
        now = due
    assert timedelta(hours=20) <= now - START <= timedelta(hours=24)
    assert schedule.again(8, failed, START, now, 0) is None


def test_what_is_refused_for_good_is_never_tried_again() -> None:
    assert schedule.again(1, Verdict(Kind.PERMANENT), START, START, 0) is None


def test_only_what_is_about_the_far_end_counts_against_it() -> None:
    sick = Health(4, START, None)
    assert fares(sick, Verdict(Kind.TRANSIENT, whole=True), START).tripped
    assert fares(sick, Verdict(Kind.TRANSIENT), START) == Health()
    assert fares(sick, Verdict(Kind.PERMANENT), START) == Health()
    held = fares(sick, Verdict(Kind.THROTTLED, "", timedelta(minutes=5), True), START)
    assert (held.failures, held.held_until) == (4, START + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("status", "kind", "whole"),
    [
        (200, Kind.ACCEPTED, False), (202, Kind.ACCEPTED, False),
        (302, Kind.TRANSIENT, True), (400, Kind.PERMANENT, False),
        (401, Kind.TRANSIENT, True), (403, Kind.TRANSIENT, True),
        (409, Kind.TRANSIENT, False), (422, Kind.PERMANENT, False),
        (429, Kind.THROTTLED, True), (500, Kind.TRANSIENT, True), (503, Kind.TRANSIENT, True),
    ],
)  # fmt: skip
def test_classes_of_the_sms_gateway(status: int, kind: Kind, whole: bool) -> None:
    found = judged_sms(httpx.Response(status))
    assert (found.kind, found.whole) == (kind, whole)


MAILED = [
    (aiosmtplib.SMTPRecipientRefused(550, "x", "a@b.example"), Kind.PERMANENT, False),
    (aiosmtplib.SMTPRecipientRefused(452, "full", "a@b.example"), Kind.TRANSIENT, False),
    (aiosmtplib.SMTPDataError(451, "4.7.1 wait"), Kind.THROTTLED, False),
    (aiosmtplib.SMTPDataError(554, "x"), Kind.PERMANENT, False),
    (aiosmtplib.SMTPAuthenticationError(535, "x"), Kind.TRANSIENT, True),
    (aiosmtplib.SMTPSenderRefused(550, "x", "s@b.example"), Kind.TRANSIENT, True),
    (aiosmtplib.SMTPConnectError("x"), Kind.TRANSIENT, True),
    (aiosmtplib.SMTPServerDisconnected("x"), Kind.TRANSIENT, True),
    (ConnectionResetError(), Kind.TRANSIENT, True),
    (TimeoutError(), Kind.TRANSIENT, True),
]


@pytest.mark.parametrize(("error", "kind", "whole"), MAILED)
def test_classes_of_the_mail_server(error: Exception, kind: Kind, whole: bool) -> None:
    if isinstance(error, aiosmtplib.SMTPRecipientRefused):
        error = aiosmtplib.SMTPRecipientsRefused([error])
    found = judged_mail(error)
    assert (found.kind, found.whole) == (kind, whole)
    assert REASON.fullmatch(found.reason)


@given(st.one_of(st.text(), st.none(), st.integers(), st.from_regex(REASON, fullmatch=True)))
def test_a_reason_is_a_code(said: object) -> None:
    assert REASON.fullmatch(code(said))


@pytest.mark.parametrize(
    "address", ["a@b.example, c@d.example", "a@b.example\nBcc: c", "a b@c.example", "@c.example",
                "<a@b.example>", "a@", "甲@b.example"],
)  # fmt: skip
def test_one_plain_address_and_nothing_beside(address: str) -> None:
    assert not ADDRESS.fullmatch(address)


@pytest.mark.parametrize("address", ["12000001234", "a.b@example.org", "x@y.z.example", "x@y.test"])
def test_addresses_nobody_has(address: str) -> None:
    assert SYNTHETIC.fullmatch(address)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_no_mobile_number_passes(number: str) -> None:
    assert not SYNTHETIC.fullmatch(number)


@pytest.mark.parametrize(
    "address", ["120000012345", "fu@example.com.cn", "fu@qq.com", "fu@notexample.org", "fu@test"]
)
def test_what_looks_real_is_not_synthetic(address: str) -> None:
    assert not SYNTHETIC.fullmatch(address)


FAR = {
    "sms_url": "https://sms.provider.example/api", "mail_host": "mail.provider.example",
    "mail_sender": "notice@civil.example",
}  # fmt: skip


async def test_production_hands_over_without_a_guard(tmp_path: Path) -> None:
    (tmp_path / "sms_key").write_text("key\n")
    found = transports(Settings(profile="production", secrets=tmp_path, **FAR))  # type: ignore[arg-type]
    assert isinstance(found["SMS"], SmsGateway)
    assert found["SMS"].signer.key == b"key"
    assert isinstance(found["MAIL"], MailServer)
    for one in found.values():
        await one.close()


def test_without_far_ends() -> None:
    found = transports(Settings(profile="production", sms_url="", mail_host=""))
    assert set(found.values()) == {Standing(NO_WAY)}
    found = transports(Settings(profile="dev", sms_url="", mail_host=""))
    assert set(found.values()) == {SyntheticOnly(Standing(OUTBOX))}


@pytest.mark.parametrize(
    "wrong",
    [
        {"sms_url": "http://sms.provider.example/api"}, {"sms_url": "https://127.0.0.1/api"},
        {"sms_url": "https://sms.provider.example/?key=1"}, {"mail_host": "localhost"},
        {"mail_sender": "nobody"},
    ],
)  # fmt: skip
def test_production_refuses_what_is_no_provider(tmp_path: Path, wrong: dict[str, str]) -> None:
    (tmp_path / "sms_key").write_text("key")
    config = Settings(profile="production", secrets=tmp_path, **FAR | wrong)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        transports(config)
