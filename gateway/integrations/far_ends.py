"""SMS gateway and mail server as the settings name them: real ones, the outbox, or none."""

import logging
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from gateway.integrations.letter import Transport
from gateway.integrations.mail.server import MailServer
from gateway.integrations.signing import Signer
from gateway.integrations.sms.gateway import SmsGateway
from gateway.integrations.standing import NO_WAY, OUTBOX, Standing
from gateway.integrations.synthetic import SyntheticOnly
from kit.settings import Settings

log = logging.getLogger(__name__)
OWN = ("localhost", "127.", "[::1]", "::1")


def transports(config: Settings) -> Mapping[str, Transport]:
    """The transport of every way.

    Raises RuntimeError for a far end without TLS, and in production for one on this machine.
    """
    found: dict[str, Transport | None] = {"SMS": sms_gateway(config), "MAIL": mail_server(config)}
    return {channel: _guarded(config, channel, one) for channel, one in found.items()}


def _guarded(config: Settings, channel: str, transport: Transport | None) -> Transport:
    if config.profile != "production":
        return SyntheticOnly(transport or Standing(OUTBOX))
    if transport is None:
        log.warning("NO MESSAGE LEAVES BY %s: its far end is not set", channel)
    return transport or Standing(NO_WAY)


def sms_gateway(config: Settings) -> SmsGateway | None:
    """The SMS gateway; reads the secret file sms_key."""
    if not config.sms_url:
        return None
    where = urlsplit(config.sms_url)
    if where.scheme != "https" or where.query or where.fragment or not where.hostname:
        raise RuntimeError("MINZHENG_SMS_URL is no plain https address")
    _refuse_own(config, where.hostname)
    http = httpx.AsyncClient(
        verify=believed(config), timeout=config.outward_patience, trust_env=False
    )
    signer = Signer(config.sms_application, config.secret("sms_key").encode())
    templates = (config.sms_template, config.sms_gathered_template)
    return SmsGateway(config.sms_url, signer, templates, http, config.outward_patience)


def mail_server(config: Settings) -> MailServer | None:
    """The mail server; reads the secret file mail_password where a user is named."""
    if not config.mail_host:
        return None
    if "@" not in config.mail_sender:
        raise RuntimeError("MINZHENG_MAIL_SENDER is no address")
    _refuse_own(config, config.mail_host)
    return MailServer(
        host=config.mail_host,
        port=config.mail_port,
        tls=config.mail_tls,
        user=config.mail_user,
        password=config.secret("mail_password") if config.mail_user else "",
        sender=config.mail_sender,
        context=believed(config),
        patience=config.outward_patience,
    )


def believed(config: Settings) -> ssl.SSLContext:
    """Whom the gateway believes in TLS."""
    context = ssl.create_default_context()
    if config.neighbor_ca is not None:
        context.load_verify_locations(config.neighbor_ca)
    return context


def _refuse_own(config: Settings, host: str) -> None:
    if config.profile == "production" and host.startswith(OWN):
        raise RuntimeError(f"no provider lives at {host}")
