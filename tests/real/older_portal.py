"""An older portal as our sign-on meets it: SAML 2.0 by the browser, signed by a key of its own.

No server: what it is asked and what it answers are forms that a test carries.
"""

import base64
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from lxml.builder import ElementMaker
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod, methods
from signxml.signer import XMLSigner

from kit.embedded.sign_in import form_action

ENTITY = "https://older-portal.example.cn/saml"
PROTOCOL, ASSERTION = (f"urn:oasis:names:tc:SAML:2.0:{kind}" for kind in ("protocol", "assertion"))
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
NAMES = {"samlp": PROTOCOL, "saml": ASSERTION, "ds": SIGNATURE}
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
PASSWORD_CLASS = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
MINUTE = timedelta(minutes=1)
P = ElementMaker(namespace=PROTOCOL, nsmap={"samlp": PROTOCOL, "saml": ASSERTION})
A = ElementMaker(namespace=ASSERTION, nsmap={"saml": ASSERTION})
Element = Any
CHOICE = re.compile(r'href="([^"]*/broker/older-portal/login[^"]*)"')
"""The button of our page."""
FIELD = re.compile(r'<input[^>]*name="(SAML\w+|RelayState)"[^>]*value="([^"]*)"', re.IGNORECASE)


def settings_of(*keys: "SigningKey", **more: str) -> dict[str, str]:
    """What an administrator sets to connect the portal that signs by these keys."""
    given = {
        "": ENTITY,
        "_ENABLED": "true",
        "_NAME": "旧版办事大厅",
        "_SIGN_ON": f"{ENTITY}/sign-on",
        "_CERTIFICATES": ",".join(key.setting for key in keys),
    } | more
    return {f"MINZHENG_OLDER_PORTAL{name}": value for name, value in given.items()}


def new_id() -> str:
    """An id as XML wants it: no digit first."""
    return f"_{uuid4().hex}"


def instant(moment: datetime) -> str:
    """A moment as SAML writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class SigningKey:
    """A key of the portal, with the certificate it gave us."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "older portal")])
        now, day = datetime.now(UTC), timedelta(days=1)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
        made = made.not_valid_before(now - day).not_valid_after(now + day)
        made = made.serial_number(x509.random_serial_number())
        made = made.public_key(self.private.public_key())
        self.certificate = made.sign(self.private, hashes.SHA256())

    @property
    def setting(self) -> str:
        """The certificate as the settings want it: base64 in one line."""
        return base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()

    def sign(self, element: Element) -> Element:
        """The element with its signature behind the issuer, where the schema has it."""
        mark = etree.Element(f"{{{SIGNATURE}}}Signature", {"Id": "placeholder"}, {"ds": SIGNATURE})
        element.find("saml:Issuer", NAMES).addnext(mark)
        signer = XMLSigner(
            methods.enveloped,
            SignatureMethod.RSA_SHA256,
            DigestAlgorithm.SHA256,
            CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        own, certificates = element.get("ID"), [self.certificate]
        return signer.sign(element, key=self.private, cert=certificates, reference_uri=own)


@cache
def portal_key() -> SigningKey:
    """The key by which the portal of these tests signs."""
    return SigningKey()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an honest portal says of a person; a test changes one thing."""

    asked: str
    """Id of the request; empty when nobody asked."""
    recipient: str
    audience: str
    destination: str = ""
    """Where the message says it goes; the recipient where nothing is said."""
    issuer: str = ENTITY
    subject: str = "u-20001"
    attributes: Mapping[str, str] = field(default_factory=lambda: {"assurance": "low"})
    session: str = field(default_factory=new_id)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """Good a minute before and after."""

    def assertion(self) -> Element:
        """The statement about the person, not signed yet."""
        since, until = instant(self.at - MINUTE), instant(self.at + MINUTE)
        confirmed = A.SubjectConfirmationData(NotOnOrAfter=until, Recipient=self.recipient)
        confirmed.attrib.update(self._asked())
        told = (
            A.Attribute(A.AttributeValue(value), Name=name)
            for name, value in self.attributes.items()
        )
        context = A.AuthnContext(A.AuthnContextClassRef(PASSWORD_CLASS))
        audience = A.AudienceRestriction(A.Audience(self.audience))
        subject = A.NameID(self.subject, Format=PERSISTENT)
        return A.Assertion(
            A.Issuer(self.issuer),
            A.Subject(subject, A.SubjectConfirmation(confirmed, Method=BEARER)),
            A.Conditions(audience, NotBefore=since, NotOnOrAfter=until),
            A.AuthnStatement(context, AuthnInstant=instant(self.at), SessionIndex=self.session),
            A.AttributeStatement(*told),
            **self._head(),
        )

    def message(self, *assertions: Element) -> Element:
        """The response around assertions, not signed yet."""
        success = P.StatusCode(Value="urn:oasis:names:tc:SAML:2.0:status:Success")
        where = {"Destination": self.destination or self.recipient}
        head = self._head() | self._asked() | where
        return P.Response(A.Issuer(self.issuer), P.Status(success), *assertions, **head)

    def signed(self, key: SigningKey | None = None) -> Element:
        """The response as older portals send it: the assertion signed, the message around it not."""
        return self.message((key or portal_key()).sign(self.assertion()))

    def _head(self) -> dict[str, str]:
        return {"ID": new_id(), "Version": "2.0", "IssueInstant": instant(self.at)}

    def _asked(self) -> dict[str, str]:
        return {"InResponseTo": self.asked} if self.asked else {}


@dataclass(frozen=True)
class Request:
    """What our sign-on asks the portal, as it comes by the browser."""

    message: Element
    relay_state: str
    target: str
    """Where the browser is sent."""

    @classmethod
    def read(cls, page: httpx.Response) -> "Request":
        """The form that goes to the portal by itself."""
        found = {name: html.unescape(value) for name, value in FIELD.findall(page.text)}
        message = etree.fromstring(base64.b64decode(found["SAMLRequest"]))
        return cls(message, found["RelayState"], form_action(page))

    def answer(self, **other: Any) -> Answer:
        """The portal's honest answer, but for what is given."""
        honest = Answer(
            asked=self.message.get("ID"),
            recipient=self.message.get("AssertionConsumerServiceURL"),
            audience=self.message.findtext("saml:Issuer", namespaces=NAMES),
        )
        return replace(honest, **other)

    def form(self, response: Element | bytes) -> dict[str, str]:
        """The form by which a response goes back."""
        text = response if isinstance(response, bytes) else etree.tostring(response)
        return {"SAMLResponse": base64.b64encode(text).decode(), "RelayState": self.relay_state}


def logout_request(answer: Answer) -> Element:
    """The portal says that the person it told of has signed out there; not signed yet."""
    head = {"ID": new_id(), "Version": "2.0", "IssueInstant": instant(datetime.now(UTC))}
    return P.LogoutRequest(
        A.Issuer(answer.issuer),
        A.NameID(answer.subject, Format=PERSISTENT),
        P.SessionIndex(answer.session),
        Destination=answer.recipient,
        **head,
    )
