"""An office with an SMS provider and a mail server beside it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from gateway.integrations.mail.server import MailServer
from gateway.integrations.signing import Signer
from gateway.integrations.sms.gateway import SmsGateway
from gateway.integrations.synthetic import SyntheticOnly
from kit.settings import Settings, settings
from tests.conftest import Workload
from tests.gateway.integrations.office import MAIL, PHONE, Office
from tests.neighbors import APPLICATION, HOST, KEY, PASSWORD, SENDER, USER, MailHost, SmsProvider
from tests.sink import Authority

PATIENCE = 30.0
"""Seconds; nothing in a test waits for it but what is meant to hang."""


@dataclass
class Town:
    """The office and its neighbors."""

    office: Office
    sms: SmsProvider
    mail: MailHost
    gateway: SmsGateway


def sms_client(provider: SmsProvider, authority: Authority, patience: float) -> SmsGateway:
    """A client of the provider."""
    http = httpx.AsyncClient(verify=authority.client(), timeout=patience, trust_env=False)
    signer = Signer(APPLICATION, KEY.encode())
    return SmsGateway(provider.url, signer, ("NOTICE", "GATHERED"), http, patience)


def mail_client(host: MailHost, authority: Authority, patience: float) -> MailServer:
    """A client of the server."""
    return MailServer(
        HOST, host.port, "starttls", USER, PASSWORD, SENDER, authority.client(), patience
    )


@pytest.fixture
async def town(workload: Workload, authority: Authority) -> AsyncIterator[Town]:
    """The applicant has given a number and an address; nothing was sent yet."""
    sms, mail = SmsProvider(authority), MailHost(authority)
    async with sms.sink, mail:
        gateway = sms_client(sms, authority, PATIENCE)
        transports = {
            "SMS": SyntheticOnly(gateway),
            "MAIL": SyntheticOnly(mail_client(mail, authority, PATIENCE)),
        }
        office = Office(await workload("notifications"), await workload("gateway"), transports)
        await office.contact(phone=PHONE, email=MAIL)
        yield Town(office, sms, mail, gateway)
        await gateway.close()


@pytest.fixture(autouse=True)
def no_quiet_hours(postgres: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hour of the test is no matter."""
    monkeypatch.setattr(settings(), "quiet_hours", "")
