"""The mail server: SMTP with TLS always, one message a connection, the dispatch's id in Message-ID.

What the server answers at once is the receipt: 250 is taken, 5xx about the address or the text
will never be, everything else may be later. An attempt that was answered and not recorded is sent
again under the same Message-ID.
"""

import re
import ssl
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formatdate

import aiosmtplib

from gateway.integrations.letter import ACCEPTED, Kind, Letter, Verdict

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
GREYLISTED = timedelta(minutes=5)
"""How long a server that greylists or limits usually wants to be left alone."""
POLICY = re.compile(r"\b4\.7\.\d")
"""Enhanced status of a delay by policy (RFC 3463)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The client of one server."""

    host: str
    port: int
    tls: str
    """`starttls` or `implicit`."""
    user: str
    password: str
    sender: str
    context: ssl.SSLContext
    patience: float

    async def send(self, letter: Letter) -> Verdict:
        """Hand a mail over."""
        if not ADDRESS.fullmatch(letter.address):
            return Verdict(Kind.PERMANENT, "BAD_ADDRESS")
        try:
            await aiosmtplib.send(
                self._written(letter),
                sender=self.sender,
                recipients=[letter.address],
                hostname=self.host,
                port=self.port,
                username=self.user or None,
                password=self.password or None,
                use_tls=self.tls == "implicit",
                start_tls=self.tls == "starttls",
                tls_context=self.context,
                timeout=self.patience,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return judged(error)
        return ACCEPTED

    def _written(self, letter: Letter) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self.sender, letter.address
        mail["Subject"] = letter.subject.replace("\n", " ")
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{letter.dispatch_id}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.body)
        return mail

    async def close(self) -> None:
        """Nothing is kept open."""


def judged(error: Exception) -> Verdict:
    """The class of a failure; of the error itself nothing is told, for it names addresses."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    about = (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError)
    status = error.code if isinstance(error, aiosmtplib.SMTPResponseException) else 0
    if isinstance(error, about):
        if status >= 500:
            return Verdict(Kind.PERMANENT, f"SMTP_{status}")
        if POLICY.search(str(error.message)):
            return Verdict(Kind.THROTTLED, f"SMTP_{status}", GREYLISTED)
        return Verdict(Kind.TRANSIENT, f"SMTP_{status}")
    if isinstance(error, (TimeoutError, aiosmtplib.SMTPTimeoutError)):
        return Verdict(Kind.TRANSIENT, "TIMEOUT", whole=True)
    if isinstance(error, ssl.SSLError):
        return Verdict(Kind.TRANSIENT, "TLS", whole=True)
    return Verdict(Kind.TRANSIENT, f"SMTP_{status}" if status else "UNREACHABLE", whole=True)
