"""An SMS provider and a mail server for tests, on loopback, in a thread of their own.

Both take what the platform hands over as real ones would, check it, keep it, and fail on demand.
The SMS provider keeps to the idempotency key; the mail server, like all, does not.
"""

import asyncio
import hmac
import json
import ssl
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from gateway.integrations.signing import canonical
from kit.embedded.secrets import write_once
from tests.platform import Platform
from tests.sink import Authority, Received, Reply, Sink

KEY, PASSWORD, USER = "demo-only-sms-key", "demo-only-mail-password", "platform"
APPLICATION = "minzheng"
SENDER = "notice@civil.example"
HOST = "127.9.0.2"
STALE_SECONDS = 300


@dataclass
class Knob:
    """How the other end behaves: answers in turn, then `accept` for ever; or nothing at all."""

    answers: list[Any] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def turn(self) -> Any:
        """The next answer on demand, None for the usual one; while it is closed, nothing."""
        await self.open.wait()
        return self.answers.pop(0) if self.answers else None


@dataclass
class SmsProvider:
    """The provider behind its gateway."""

    authority: Authority
    knob: Knob = field(default_factory=Knob)
    asked: list[dict[str, Any]] = field(default_factory=list)
    """Every well-signed request to send."""
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What goes out, once for each idempotency key."""
    receipts: list[dict[str, str]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    refused: int = 0
    """Requests whose signature did not hold."""

    def __post_init__(self) -> None:
        self.nonces: set[str] = set()
        self.sink = Sink(self.authority, HOST, self.answer)

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://{HOST}:{self.sink.port}/api/sms"

    async def answer(self, request: Received) -> Reply:
        """What the gateway answers."""
        self.urls.append(request.path)
        where = urlsplit(request.path)
        query = dict(parse_qsl(where.query, keep_blank_values=True))
        if not self.signed(request, where.path, query):
            self.refused += 1
            return Reply(401)
        if where.path.endswith("/receipts"):
            return self.page(int(query.get("after") or 0), int(query["size"]))
        body = json.loads(request.body)
        self.asked.append(body)
        if found := await self.knob.turn():
            assert isinstance(found, Reply)
            return found
        self.sent.setdefault(body["requestId"], body)
        return _json({"code": "OK"})

    def signed(self, request: Received, path: str, query: dict[str, str]) -> bool:
        """The signature holds, is young, and was never seen."""
        named = request.headers
        stamp, nonce = named.get("x-timestamp", "0"), named.get("x-nonce", "")
        method = "GET" if path.endswith("/receipts") else "POST"
        text = canonical(method, path, query, request.body, stamp, nonce, APPLICATION)
        good = hmac.new(KEY.encode(), text, "sha256").hexdigest()
        fresh = nonce not in self.nonces and abs(time.time() - int(stamp)) < STALE_SECONDS
        self.nonces.add(nonce)
        return fresh and hmac.compare_digest(good, named.get("x-signature", ""))

    def page(self, after: int, size: int) -> Reply:
        """Receipts behind a cursor."""
        found = self.receipts[after : after + size]
        return _json({"receipts": found, "next": str(after + len(found))})

    def receipt(self, request_id: str, state: str = "DELIVERED", code: str = "") -> None:
        """The handset answered."""
        self.receipts.append({"requestId": request_id, "state": state, "code": code})


def _json(body: Any) -> Reply:
    return Reply(200, {"content-type": "application/json"}, json.dumps(body).encode())


@dataclass
class MailHost:
    """A mail server that wants TLS and a sign-on."""

    authority: Authority
    knob: Knob = field(default_factory=Knob)
    """Answers to DATA in turn, e.g. `552 too much`."""
    rejects: dict[str, str] = field(default_factory=dict)
    """Answers to RCPT by address."""
    taken: list[EmailMessage] = field(default_factory=list)
    port: int = 0
    server: asyncio.Server | None = None

    async def __aenter__(self) -> "MailHost":
        context = self.authority.context(HOST)
        made = asyncio.get_running_loop()
        self.server = await made.create_server(
            lambda: self.protocol(context, made), HOST, self.port
        )
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.server is not None
        self.server.close()

    def protocol(self, context: ssl.SSLContext, loop: asyncio.AbstractEventLoop) -> SMTP:
        """A connection."""
        return SMTP(
            self,
            hostname="mail.example",
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=_authenticate,
            loop=loop,
        )

    async def handle_RCPT(  # noqa: N802 - the name of the library
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whether an address is known here."""
        if address in self.rejects:
            return self.rejects[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        if found := await self.knob.turn():
            return str(found)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append(mail)
        return "250 OK"


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    good = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=data == good)


class Neighbors:
    """Both of them, in a thread: a platform of another process writes to them."""

    def __init__(self, authority: Authority) -> None:
        self.sms, self.mail = SmsProvider(authority), MailHost(authority)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="neighbors")
        self.authority = authority

    def __enter__(self) -> "Neighbors":
        self.thread.start()
        self._run(self.sms.sink.__aenter__())
        self._run(self.mail.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self.sms.sink.__aexit__())
        self._run(self.mail.__aexit__())
        self._run(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        running: Future[Any] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return running.result(10)

    @property
    def settings(self) -> dict[str, str]:
        """What a platform is told of them."""
        return {
            "MINZHENG_SMS_URL": self.sms.url,
            "MINZHENG_SMS_APPLICATION": APPLICATION,
            "MINZHENG_MAIL_HOST": HOST,
            "MINZHENG_MAIL_PORT": str(self.mail.port),
            "MINZHENG_MAIL_USER": USER,
            "MINZHENG_MAIL_SENDER": SENDER,
            "MINZHENG_NEIGHBOR_CA": str(self.authority.file),
            "MINZHENG_QUIET_HOURS": "",
        }

    def prepare(self, var: Path, **settings: str) -> Platform:
        """A platform that knows them: settings, and the secrets they share."""
        folder = var / "secrets"
        folder.mkdir(parents=True, mode=0o700)
        for name, secret in (("sms_key", KEY), ("mail_password", PASSWORD)):
            write_once(folder / name, secret.encode())
        return Platform.prepare(var, **self.settings, **settings)

    def turn(self, knob: Knob, *, open: bool) -> None:
        """Let a far end answer, or not."""
        self.loop.call_soon_threadsafe(knob.open.set if open else knob.open.clear)

    def mailed(self, subject: str) -> list[EmailMessage]:
        """Mails of a subject."""
        return [one for one in list(self.mail.taken) if one["Subject"] == subject]

    def texted(self, subject: str) -> list[dict[str, Any]]:
        """Texts that went out about a subject."""
        return [
            one for one in list(self.sms.sent.values()) if one["params"] == {"subject": subject}
        ]
