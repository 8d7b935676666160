"""Letters on PostgreSQL: asked for with the step, printed by the timer, found by who may, checked by all."""

import io
from hashlib import sha256
from unittest.mock import patch

import obstore
import pytest
from pypdf import PdfReader

from kit.press import Press, Printed, PrintingFailed
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from proto.gen.minzheng.filing.v1.letters_pb import (
    Letter,
    LetterFormat,
    LetterKind,
    LetterStanding,
)
from services.filing.timers.cases import SYSTEM
from tests.filing.service import CLERK, LEAD, RESIDENT, VILLAGE, Filing, at
from tests.filing.test_service import code_of, rows

COUNTY = at(Role.COUNTY_APPROVE, "460106000000")
OTHER_STREET = at(Role.TOWN_CLERK, "460106001000")


async def listed(filing: Filing, filing_id: str, who: object = RESIDENT) -> list[Letter]:
    answer = await filing.call("ListLetters", who, filing_id=filing_id)  # type: ignore[arg-type]
    return list(answer.letters)


async def file_of(
    filing: Filing, letter: Letter, filing_id: str, who: object = RESIDENT, kind: str = "PDF"
) -> bytes:
    answer = await filing.call(
        "GetLetterFile", who, filing_id=filing_id, letter_id=letter.letter_id,  # type: ignore[arg-type]
        format=LetterFormat[kind],
    )  # fmt: skip
    content: bytes = answer.file.content
    return content


def words(pdf: bytes) -> str:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return "".join(text.split())


async def received(filing: Filing) -> str:
    filing_id = await filing.draft()
    await filing.submit(filing_id)
    return filing_id


async def returned(filing: Filing) -> str:
    filing_id = await received(filing)
    agree = pb.VillageOpinion.AGREE
    await filing.call("GiveVillageOpinion", VILLAGE, filing_id=filing_id, opinion=agree)
    await filing.mark(filing_id, B02="UNREADABLE")
    await filing.call("ReturnForCorrection", CLERK, filing_id=filing_id)
    return filing_id


async def test_a_letter_is_asked_for_with_the_step_and_printed_after_it(filing: Filing) -> None:
    filing_id = await received(filing)
    before = await listed(filing, filing_id)
    assert [letter.kind.name for letter in before] == ["BA01", "BA02", "BA03"]
    assert not any(letter.ready or letter.code for letter in before)
    call = file_of(filing, before[2], filing_id)
    assert await code_of(call) == "filing.letter_in_print"

    assert await filing.printing.run() == 3
    assert await filing.printing.run() == 0
    receipt = (await listed(filing, filing_id))[2]
    assert receipt.ready
    assert receipt.number.startswith("SB")
    pdf = await file_of(filing, receipt, filing_id)
    assert sha256(pdf).hexdigest() == receipt.pdf_sha256
    assert len(pdf) == receipt.pdf_size
    said = words(pdf)
    assert "收件凭证" in said
    assert receipt.number in said
    assert receipt.code in said
    docx = await file_of(filing, receipt, filing_id, kind="DOCX")
    assert sha256(docx).hexdigest() == receipt.docx_sha256


async def test_what_is_kept_of_a_letter_is_sealed(filing: Filing) -> None:
    filing_id = await received(filing)
    assert await rows(filing, "SELECT data FROM filing_letter") == [], "nobody's without a scope"
    async with filing.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('minzheng.scope', 'r:/', true)")
        cells = await connection.fetch("SELECT data FROM filing_letter")
    assert len(cells) == len(await listed(filing, filing_id)) == 3
    assert not any("志愿服务队".encode() in row["data"] for row in cells)


async def test_a_refused_step_asks_for_no_letter(filing: Filing) -> None:
    filing_id = await filing.draft()
    assert await code_of(filing.submit(filing_id, pledge_version="none"))
    assert await listed(filing, filing_id) == []


async def test_the_acceptance_bears_the_number_of_the_filing(filing: Filing) -> None:
    filing_id = await filing.proposed()
    decided = (await filing.decide(filing_id)).filing
    await filing.printing.run()
    letter = (await listed(filing, filing_id))[-1]
    assert (letter.kind, letter.number) == (LetterKind.BA05, decided.printed_no)
    said = words(await file_of(filing, letter, filing_id))
    assert decided.filing_no in said
    assert "备案卡" in said


async def test_a_correction_given_again_keeps_its_number_and_replaces(filing: Filing) -> None:
    filing_id = await returned(filing)
    await filing.attach(filing_id, "B02")
    await filing.call("ResubmitFiling", RESIDENT, filing_id=filing_id)
    await filing.mark(filing_id, B02="UNREADABLE")
    await filing.call("ReturnForCorrection", CLERK, filing_id=filing_id)
    other = await returned_other(filing)

    first, again = (await listed(filing, filing_id))[-2:]
    year = first.issued_on[:4]
    assert first.number == again.number == f"大同社备补〔{year}〕1号"
    assert (first.standing, again.standing) == (LetterStanding.REPLACED, LetterStanding.VALID)
    assert first.ended_on == again.issued_on
    assert (await listed(filing, other))[-1].number == f"大同社备补〔{year}〕2号"


async def returned_other(filing: Filing) -> str:
    filing_id = await filing.draft("同心")
    await filing.submit(filing_id)
    agree = pb.VillageOpinion.AGREE
    await filing.call("GiveVillageOpinion", VILLAGE, filing_id=filing_id, opinion=agree)
    await filing.mark(filing_id, B05="ABSENT")
    await filing.call("ReturnForCorrection", CLERK, filing_id=filing_id)
    return filing_id


async def test_a_refusal_states_ground_and_reason(filing: Filing) -> None:
    filing_id = await filing.proposed()
    await filing.call(
        "ProposeDecision", CLERK, filing_id=filing_id, decision=pb.Decision.REFUSE,
        grounds=[pb.RefusalGround.FOR_PROFIT], reason="章程写明向成员分配盈利。",
    )  # fmt: skip
    await filing.decide(filing_id)
    await filing.printing.run()
    letter = (await listed(filing, filing_id))[-1]
    said = words(await file_of(filing, letter, filing_id))
    assert letter.number == f"大同社备不〔{letter.issued_on[:4]}〕1号"
    assert "以营利为目的" in said
    assert "章程写明向成员分配盈利。" in said
    assert "行政复议" in said


@pytest.mark.parametrize("who", [RESIDENT, CLERK, LEAD, COUNTY], ids=lambda who: who.role.name)
async def test_who_may_have_a_letter(filing: Filing, who: object) -> None:
    filing_id = await received(filing)
    await filing.printing.run()
    letters = await listed(filing, filing_id, who)
    assert (await file_of(filing, letters[0], filing_id, who)).startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    "who", [at(Role.RESIDENT, subject="another"), OTHER_STREET, at(Role.COUNTY_CLERK, "460107000000")],
    ids=["resident", "street", "county"],
)  # fmt: skip
async def test_to_all_others_it_is_not_there(filing: Filing, who: object) -> None:
    filing_id = await received(filing)
    await filing.printing.run()
    letter = (await listed(filing, filing_id))[0]
    assert await code_of(listed(filing, filing_id, who)) == "common.not_found"
    assert await code_of(file_of(filing, letter, filing_id, who)) == "common.not_found"


async def test_a_letter_of_another_case_is_not_found(filing: Filing) -> None:
    mine, other = await received(filing), await returned_other(filing)
    await filing.printing.run()
    letter = (await listed(filing, other))[0]
    assert await code_of(file_of(filing, letter, mine)) == "common.not_found"


async def test_what_the_store_lost_is_printed_again_the_same(filing: Filing) -> None:
    filing_id = await received(filing)
    await filing.printing.run()
    letter = (await listed(filing, filing_id))[0]
    pdf = await file_of(filing, letter, filing_id)
    docx = await file_of(filing, letter, filing_id, kind="DOCX")
    for kind in ("pdf", "docx"):
        await obstore.delete_async(filing.files, f"letters/{letter.letter_id}.{kind}")
    assert await code_of(file_of(filing, letter, filing_id)) == "filing.letter_in_print"
    assert await filing.printing.run() == 1
    assert await file_of(filing, letter, filing_id) == pdf
    assert await file_of(filing, letter, filing_id, kind="DOCX") == docx


async def test_what_lies_in_the_store_is_sealed(filing: Filing) -> None:
    filing_id = await received(filing)
    await filing.printing.run()
    letter = (await listed(filing, filing_id))[0]
    path = f"letters/{letter.letter_id}.pdf"
    lying = bytes(await (await obstore.get_async(filing.files, path)).bytes_async())
    assert b"PDF" not in lying
    await obstore.put_async(filing.files, path, lying[:-1] + bytes([lying[-1] ^ 1]))
    assert await code_of(file_of(filing, letter, filing_id)) == "filing.letter_in_print"


async def test_a_letter_that_comes_out_otherwise_is_never_given(filing: Filing) -> None:
    """Somebody changed an edition that letters bear: what was issued is not overwritten."""
    filing_id = await received(filing)
    await filing.printing.run()
    for letter in await filing.letters.of_case(filing_id, SYSTEM.scope):
        await filing.letters.lost(letter, SYSTEM.scope)

    async def other(press: Press, papers: list[object]) -> list[Printed]:
        return [Printed(b"other", b"other") for _ in papers]

    with patch.object(Press, "run", other):
        assert await filing.printing.run() == 0
    assert not any(letter.ready for letter in await listed(filing, filing_id))


async def test_a_letter_that_cannot_be_printed_waits_ever_longer(filing: Filing) -> None:
    filing_id = await received(filing)

    async def jammed(press: Press, papers: list[object]) -> list[PrintingFailed]:
        return [PrintingFailed("too long") for _ in papers]

    with patch.object(Press, "run", jammed):
        assert await filing.printing.run() == 0
    assert await filing.printing.run() == 0, "not before its time"
    assert await attempts(filing) == [1, 1, 1]
    assert len(await listed(filing, filing_id)) == 3


async def attempts(filing: Filing) -> list[int]:
    async with filing.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('minzheng.scope', 'r:/', true)")
        found = await connection.fetch("SELECT attempts FROM filing_letter")
    return [row["attempts"] for row in found]


async def test_persons_are_masked_in_what_the_applicant_sent(filing: Filing) -> None:
    filing_id = await received(filing)
    await filing.printing.run()
    case = (await filing.call("GetFiling", RESIDENT, filing_id=filing_id)).filing
    letters = await listed(filing, filing_id)
    said = "".join([words(await file_of(filing, one, filing_id)) for one in letters])
    for person in case.form.principals:
        assert person.id_number not in said
        assert person.phone not in said
        assert person.name not in said
        assert person.name[0] + "**" in said
