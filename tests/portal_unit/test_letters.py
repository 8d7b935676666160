"""The page that checks letters and the list of a case's letters, rendered without a server."""

import html
import io
import re
from hashlib import sha256
from typing import Any

import pytest
from starlette.datastructures import FormData, UploadFile

from gateway.portal.display import Display
from gateway.portal.environment import environment
from gateway.portal.form import Form
from gateway.portal.pages.public.verify import compare, verify
from gateway.portal.visit import Visit
from kit.errors import Kind, Refusal, not_found
from proto.gen.minzheng.common.v1.region_pb import Region
from proto.gen.minzheng.filing.v1.letters_pb import (
    Letter,
    LetterKind,
    LetterStanding,
    Verification,
    VerifyDocumentRequest,
    VerifyDocumentResponse,
)
from tests.portal_unit.requests import request

FOUND = Verification(
    standing=LetterStanding.REPLACED,
    kind=LetterKind.BA05,
    title="准予备案通知书",
    number="大同社备〔2026〕1号",
    organization="<b>大同里</b>志愿服务队",
    authority=Region(code="460106004000", name="大同街道", full_name="海口市龙华区大同街道"),
    issued_on="2026-03-18",
    ended_on="2026-05-01",
    edition="2026-01",
    pdf_sha256="ab" * 32,
)


class Calling:
    """Services that give one answer, or refuse."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[Any] = []

    async def ask(self, _request: object, message: Any) -> Any:
        """What the services say."""
        self.asked.append(message)
        if isinstance(self.answer, Refusal):
            raise self.answer
        return self.answer


def visit(calling: Calling, query: str = "", form: dict[str, Any] | None = None) -> Visit:
    found = Visit(request("/verify", query), calling, Display.of(request("/verify")))  # type: ignore[arg-type]
    if form is not None:
        found.sent = Form(FormData(form))
        found.typed = found.sent.texts
    return found


def words(body: bytes) -> str:
    return html.unescape(re.sub(r"\s+", " ", body.decode()))


async def test_the_form_asks_nobody() -> None:
    calling = Calling(None)
    page = words((await verify(visit(calling))).body)
    assert calling.asked == []
    assert "按核验码核验" in page
    assert "按文书编号和文件核验" in page


async def test_a_code_in_the_address_is_answered() -> None:
    calling = Calling(VerifyDocumentResponse(verification=FOUND))
    body = (await verify(visit(calling, "code=7K3M-9Q2D-AAAA-BBBB"))).body
    assert calling.asked == [VerifyDocumentRequest(code="7K3M-9Q2D-AAAA-BBBB")]
    for told in ("已被替换", "大同社备〔2026〕1号", "2026年5月1日", "海口市龙华区大同街道"):
        assert told in words(body)
    assert b"<b>" not in body, "names of organizations are text"


@pytest.mark.parametrize("refusal", [not_found(), Refusal(Kind.NOT_FOUND, "x", "没有查到。")])
async def test_what_nobody_knows_is_an_answer(refusal: Refusal) -> None:
    response = await verify(visit(Calling(refusal), "code=0000-0000-0000-0000"))
    assert response.status_code == 200
    assert "核验未通过" in words(response.body)
    assert refusal.detail in words(response.body)


async def test_of_a_file_the_hash_is_asked_for() -> None:
    calling = Calling(VerifyDocumentResponse(verification=FOUND))
    file = UploadFile(io.BytesIO(b"%PDF"), filename="a.pdf")
    page = await compare(visit(calling, form={"number": " 大同社备〔2026〕1号 ", "file": file}))
    (asked,) = calling.asked
    assert (asked.number, asked.sha256) == ("大同社备〔2026〕1号", sha256(b"%PDF").hexdigest())
    assert "本平台出具的文书" in words(page.body)


async def test_a_number_without_a_file_is_told_at_the_field() -> None:
    calling = Calling(None)
    response = await compare(visit(calling, form={"number": "大同社备〔2026〕1号"}))
    assert (response.status_code, calling.asked) == (422, [])
    assert "请选择文书文件。" in words(response.body)
    assert "请填写文书编号。" not in words(response.body)


def test_letters_of_a_case_as_files() -> None:
    ready = Letter(
        letter_id="l1", title="收件凭证", number="SB1", standing=LetterStanding.VALID,
        issued_on="2026-03-18", code="7K3M-9Q2D-AAAA-BBBB", ready=True,
    )  # fmt: skip
    waiting = Letter(letter_id="l2", title="承诺书", standing=LetterStanding.VALID)
    source = '{% import "macros/letters.html" as letters %}{{ letters.letter_list("f", found) }}'
    render = environment().from_string(source).render
    listed = words(render(found=[ready, waiting]).encode())
    assert 'href="/letters/f/l1"' in listed
    assert 'href="/letters/f/l1?format=DOCX"' in listed
    assert 'href="/verify?code=7K3M-9Q2D-AAAA-BBBB"' in listed
    assert "/letters/f/l2" not in listed
    assert "正在生成" in listed
    assert 'hx-trigger="every 5s"' in listed
    assert "hx-trigger" not in words(render(found=[ready]).encode())
    assert "文书暂时无法读取" in words(render(found=None).encode())
    assert "尚无文书" in words(render(found=[]).encode())
