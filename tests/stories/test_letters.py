"""Letters through the public API: they follow the decision, say what the law asks, and can be checked."""

import asyncio
import io
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from gateway.demo.application import form as demo_form
from gateway.demo.client import Person
from gateway.demo.stories import MATERIALS
from tests.platform import Platform
from tests.stories.people import Town

CHECK = "/api/v1/documents:verify"


@pytest.fixture
async def town(platform: Platform) -> AsyncIterator[Town]:
    """大同街道 and its people."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=20) as http:
        yield Town(platform, http)


async def printed(person: Person, filing_id: str, kind: str) -> dict[str, Any]:
    """The last letter of a form, once it is printed."""
    async with asyncio.timeout(120):
        while True:
            found = (await person.get(f"/api/v1/filings/{filing_id}/letters"))["letters"]
            of_kind = [one for one in found if one["kind"] == f"LETTER_KIND_{kind}"]
            if of_kind and of_kind[-1]["ready"]:
                return dict(of_kind[-1])
            await asyncio.sleep(0.2)


async def file_of(person: Person, filing_id: str, letter: dict[str, Any], **asked: str) -> bytes:
    """A letter as it is downloaded: never a page of ours, never kept on the way."""
    path = f"/api/v1/filings/{filing_id}/letters/{letter['letterId']}/file"
    headers = {"authorization": f"Bearer {person.token}"}
    answer = await person.http.get(path, headers=headers, params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith('attachment; filename="BA-')
    assert answer.headers["cache-control"] == "private, no-store"
    assert "sandbox" in answer.headers["content-security-policy"]
    return answer.content


def words(pdf: bytes) -> str:
    """What can be copied out of a PDF."""
    whole = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return "".join(whole.replace("\u200b", "").split())


@pytest.fixture
def form() -> dict[str, Any]:
    """A complete form."""
    return demo_form("", "460106004002", 8, "大同里社区综合服务中心三楼")


@pytest.mark.policy("T11.5")
async def test_the_pledge_is_on_paper_in_the_version_that_was_signed(
    town: Town, form: dict[str, Any]
) -> None:
    """No pledge, no submission; the text signed and its version are kept and printed, persons masked."""
    filing_id = await town.draft("承诺", form)
    filing = await town.submit(filing_id)
    resident = await town.person("resident.datong")
    pledge = await resident.get("/api/v1/filing-pledge")
    letter = await printed(resident, filing_id, "BA02")
    said = words(await file_of(resident, filing_id, letter))
    assert letter["number"] == filing["pledgeVersion"] == pledge["version"]
    assert pledge["sha256"] in said
    for promise in ("真实、合法、有效", "不以营利为目的", "重大活动事先报告"):
        assert promise in said
    assert form["principals"][0]["name"] not in said


@pytest.mark.policy("T11.4")
async def test_what_is_missing_is_told_once_and_in_writing(
    town: Town, form: dict[str, Any]
) -> None:
    """The notice names every open item and nothing else, with number and last day."""
    filing_id = await town.draft("补正书", form)
    await town.submit(filing_id)
    await town.reviewed(filing_id)
    clerk, path = await town.person("clerk.datong"), f"/api/v1/filings/{filing_id}"
    findings = [
        {
            "code": f"MATERIAL_CODE_{code}",
            "completeness": f"COMPLETENESS_{'UNREADABLE' if code == 'B05' else 'PRESENT'}",
            "note": "印章不清" if code == "B05" else "",
        }
        for code in MATERIALS
    ]
    await clerk.post(f"{path}:markCompleteness", {"findings": findings})
    await clerk.post(f"{path}:returnForCorrection")
    letter = await printed(clerk, filing_id, "BA04")
    said = words(await file_of(clerk, filing_id, letter))
    assert letter["number"].startswith("大同社备补〔")
    assert "活动场所使用证明" in said
    assert "印章不清" in said
    assert "章程（简易章程）" not in said
    assert "视为撤回" in said


@pytest.mark.policy("T11.2")
async def test_the_authority_answers_on_paper_that_anybody_can_check(
    town: Town, form: dict[str, Any]
) -> None:
    """BA-05 bears the authority, the number and its code; a changed copy is told, a stranger has no file."""
    filing_id = await town.draft("通知书", form)
    await town.submit(filing_id)
    await town.reviewed(filing_id)
    path = f"/api/v1/filings/{filing_id}"
    clerk, lead = await town.person("clerk.datong"), await town.person("lead.datong")
    await clerk.post(f"{path}:proposeDecision", {"decision": "DECISION_ACCEPT"})
    filing = (await lead.post(f"{path}:decide", {"agree": True}))["filing"]
    resident = await town.person("resident.datong")
    letter = await printed(resident, filing_id, "BA05")
    pdf = await file_of(resident, filing_id, letter)
    docx = await file_of(resident, filing_id, letter, format="LETTER_FORMAT_DOCX")
    said = words(pdf)
    assert said.startswith("海口市龙华区大同街道办事处")
    for part in (filing["printedNo"], filing["filingNo"], letter["code"], "法人资格"):
        assert part in said
    assert docx.startswith(b"PK")

    http = town.http
    by_code = (await http.get(CHECK, params={"code": letter["code"]})).json()["verification"]
    assert by_code["standing"] == "LETTER_STANDING_VALID"
    assert by_code["number"] == filing["printedNo"]
    assert by_code["pdfSha256"] == sha256(pdf).hexdigest()
    for file, status in ((pdf, 200), (docx, 200), (pdf + b"\n", 404)):
        asked = {"number": filing["printedNo"], "sha256": sha256(file).hexdigest()}
        assert (await http.get(CHECK, params=asked)).status_code == status
    stranger = await town.person("clerk.tianya")
    answer = await http.get(
        f"{path}/letters/{letter['letterId']}/file",
        headers={"authorization": f"Bearer {stranger.token}"},
    )
    assert answer.status_code == 404
