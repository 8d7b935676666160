"""`/me/contact`: where messages go, and which of them leave the platform."""

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.filled import filled, typed_before
from gateway.portal.forms import Control, Faults, Field, Form, Texts, add_refusal, read, texts_of
from kit.errors import Kind, Refusal
from proto.gen.minzheng.notifications.v1.notifications_pb import (
    GetContactRequest,
    SaveContactRequest,
)

FORM = Form(
    SaveContactRequest,
    Field("contact.name", _("姓名"), optional=True, autocomplete="name"),
    Field(
        "contact.phone", _("手机号码"), _("11 位数字，用于接收短信。"), Control.PHONE,
        optional=True, autocomplete="tel",
    ),
    Field("contact.email", _("电子邮箱"), optional=True, autocomplete="email"),
    Field(
        "contact.channels", _("除站内消息外，还用以下方式通知我"),
        _("都不选时，凡填写了号码或邮箱的都会使用。"), optional=True,
    ),
    Field("contact.onlyNecessary", _("只接收与期限、决定有关的必要通知")),
    Field("contact.daily", _("一般通知每天汇总发送一次")),
)  # fmt: skip

WORDS = (_("短信"), _("电子邮件"))
"""Of the contract's channels, to be translated."""


@page("/me/contact", asks=SaveContactRequest)
async def contact(visit: Visit) -> Response:
    """The details as they are kept."""
    found = await visit.ask(GetContactRequest())
    texts = texts_of(FORM, SaveContactRequest(contact=found.contact))
    return shown(visit, texts | typed_before(visit, FORM), found.version)


@action("/me/contact", asks=SaveContactRequest)
async def save(visit: Visit) -> Response:
    """Save them; what somebody saved meanwhile is not overwritten unseen."""
    sent = await visit.form()
    found = await visit.ask(GetContactRequest())
    version = sent["version"]
    request = SaveContactRequest(
        request_id=sent["request_id"], version=int(version) if version.isdecimal() else 0,
        contact=found.contact,
    )  # fmt: skip
    reading = read(FORM, sent.typed, request)
    if reading.faults:
        return shown(visit, reading.texts, version, reading.faults)
    try:
        await visit.ask(reading.message)
    except Refusal as refusal:
        add_refusal(FORM, reading.faults, refusal)
        newest = found.version if refusal.kind is Kind.STALE else version
        return shown(visit, reading.texts, newest, reading.faults)
    return visit.go("/me", said=_("联系方式已保存。"))


def shown(visit: Visit, texts: Texts, version: object, faults: Faults | None = None) -> Response:
    """The page."""
    return visit.show("me/contact.html", form=filled(visit, FORM, texts, faults), version=version)
