"""Responses that no honest portal gives, and by which error Keycloak refuses each."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from lxml import etree

from tests.real.older_portal import (
    MINUTE,
    NAMES,
    SIGNATURE,
    Answer,
    Element,
    P,
    SigningKey,
    new_id,
    portal_key,
)

Response = Callable[[Answer], Element | bytes]
BAD_SIGNATURE, BAD_RESPONSE = "invalid_signature", "invalid_saml_response"
VICTIM = "u-victim"
"""Whom a forger wants to be."""


def saying(path: str, **attributes: str) -> Response:
    """An assertion with other attributes in one place, truly signed."""

    def response(answer: Answer) -> Element:
        assertion = answer.assertion()
        assertion.find(f".//saml:{path}", NAMES).attrib.update(attributes)
        return answer.message(portal_key().sign(assertion))

    return response


def changed(answer: Answer) -> Element:
    """Another subject after signing."""
    response = answer.signed()
    response.find(".//saml:NameID", NAMES).text = VICTIM
    return response


def forged(good: Element, name: str) -> Element:
    """A copy of a signed element with another subject, without its signature."""
    evil = deepcopy(good)
    evil.set("ID", name)
    evil.remove(evil.find("ds:Signature", NAMES))
    evil.find(".//saml:NameID", NAMES).text = VICTIM
    return evil


def beside(where: str, name: str = "") -> Response:
    """A forged assertion before or after the signed one, also under its very id."""

    def response(answer: Answer) -> Element:
        message = answer.signed()
        good = message.find("saml:Assertion", NAMES)
        getattr(good, where)(forged(good, name or good.get("ID")))
        return message

    return response


def around(answer: Answer) -> Element:
    """A forged assertion that carries the signed one within the signature."""
    message = answer.signed()
    good = message.find("saml:Assertion", NAMES)
    evil = forged(good, new_id())
    message.replace(good, evil)
    return carrying(evil, good)


def carrying(evil: Element, good: Element) -> Element:
    """The root of what was forged, with the signature of the good element and that element in it."""
    signature = good.find("ds:Signature", NAMES)
    evil.insert(1, signature)
    etree.SubElement(signature, f"{{{SIGNATURE}}}Object").append(good)
    return evil.getroottree().getroot()


def aside(answer: Answer) -> Element:
    """The signed assertion among the extensions, a forged one in its place."""
    message = answer.signed()
    good = message.find("saml:Assertion", NAMES)
    evil = forged(good, new_id())
    evil.insert(1, deepcopy(good.find("ds:Signature", NAMES)))
    message.replace(good, evil)
    message.insert(1, P.Extensions(good))
    return message


def message_around(answer: Answer) -> Element:
    """A forged message that carries the signed one."""
    good = portal_key().sign(answer.signed())
    return carrying(forged(good, new_id()), good)


def with_entity(answer: Answer) -> bytes:
    """Wants a file of the server read."""
    declared = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    return declared + etree.tostring(answer.signed())


def but(**other: Any) -> Response:
    """An honest answer but for one thing, truly signed."""
    return lambda answer: replace(answer, **other).signed()


def late(minutes: int) -> Response:
    """An answer of another time, truly signed."""
    return lambda answer: replace(answer, at=answer.at + minutes * MINUTE).signed()


ELSEWHERE = "https://elsewhere.example.org/saml"
REFUSED: dict[str, tuple[Response, str]] = {
    "unsigned": (lambda answer: answer.message(answer.assertion()), BAD_SIGNATURE),
    "the message signed, the assertion not": (
        lambda answer: portal_key().sign(answer.message(answer.assertion())), BAD_SIGNATURE),
    "signed by another key": (lambda answer: answer.signed(SigningKey()), BAD_SIGNATURE),
    "changed after signing": (changed, BAD_SIGNATURE),
    "forged before the signed": (beside("addprevious", new_id()), BAD_SIGNATURE),
    "forged after the signed": (beside("addnext", new_id()), BAD_SIGNATURE),
    "forged under the same id": (beside("addprevious"), BAD_SIGNATURE),
    "forged around the signed": (around, BAD_SIGNATURE),
    "the signed put aside": (aside, BAD_SIGNATURE),
    "a message around the signed": (message_around, BAD_SIGNATURE),
    "an entity": (with_entity, BAD_RESPONSE),
    "of another portal": (but(issuer=ELSEWHERE), BAD_RESPONSE),
    "for another audience": (but(audience=ELSEWHERE), BAD_RESPONSE),
    "sent elsewhere": (but(destination=ELSEWHERE), BAD_RESPONSE),
    "for another recipient": (
        saying("SubjectConfirmationData", Recipient=ELSEWHERE), BAD_RESPONSE),
    "an answer to another request": (but(asked=new_id()), BAD_RESPONSE),
    "a person confirmed for another request": (
        saying("SubjectConfirmationData", InResponseTo=new_id()), BAD_RESPONSE),
    "nobody asked": (but(asked=""), BAD_RESPONSE),
    "over": (late(-5), BAD_RESPONSE),
    "not begun": (late(5), BAD_RESPONSE),
}  # fmt: skip
