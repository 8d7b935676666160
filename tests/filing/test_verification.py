"""A letter checked by everybody: by its code, or by its number and the file in hand."""

import re
from hashlib import sha256

import obstore
import pytest

from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1.letters_pb import LetterStanding, Verification
from services.filing.store.asking import new_code
from tests.filing.service import RESIDENT, Filing, at
from tests.filing.test_letters import file_of, listed, received
from tests.filing.test_service import code_of
from tests.filing.test_timers import advance

ANYBODY = at(Role.ANONYMOUS)


async def verified(filing: Filing, **asked: str) -> Verification:
    answer = await filing.call("VerifyDocument", ANYBODY, **asked)
    found: Verification = answer.verification
    return found


def test_codes_are_made_of_all_signs_that_read_well() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(re.fullmatch("([0-9A-Z]{4}-){3}[0-9A-Z]{4}", code) for code in codes)
    assert set("".join(codes)) == set("-0123456789ABCDEFGHJKMNPQRSTVWXYZ")


async def test_everybody_may_check_a_letter_by_its_code(filing: Filing) -> None:
    filing_id = await filing.proposed()
    decided = (await filing.decide(filing_id)).filing
    await filing.printing.run()
    letter = (await listed(filing, filing_id))[-1]
    typed = letter.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    for code in (letter.code, typed):
        found = await verified(filing, code=code)
        assert found.standing is LetterStanding.VALID
        assert (found.title, found.number) == ("准予备案通知书", decided.printed_no)
        assert (found.organization, found.authority.code) == (decided.form.name, "460106004000")
        assert found.pdf_sha256 == letter.pdf_sha256


async def test_by_number_and_file_a_changed_one_is_told(filing: Filing) -> None:
    filing_id = await received(filing)
    await filing.printing.run()
    letter = (await listed(filing, filing_id))[2]
    pdf = await file_of(filing, letter, filing_id)
    asked = {"number": letter.number, "sha256": sha256(pdf).hexdigest().upper()}
    assert (await verified(filing, **asked)).title == "收件凭证"
    forged = sha256(pdf.replace(b"%%EOF", b"%%EOF\n")).hexdigest()
    for wrong in (
        {"number": letter.number, "sha256": forged},
        {"number": "大同社备〔2026〕99号", "sha256": letter.pdf_sha256},
        {"code": letter.code, "sha256": forged},
        {"code": letter.code, "number": "大同社备〔2026〕99号"},
        {"code": "0000-0000-0000-0000"},
    ):
        assert await code_of(verified(filing, **wrong)) == "filing.document_unknown"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "filing.verification_incomplete"),
        ({"number": "大同社备〔2026〕1号"}, "filing.verification_incomplete"),
        ({"code": "'; DROP TABLE"}, "filing.verification_code"),
        ({"code": "7K3M-9Q2D-AAAA-BBB"}, "filing.verification_code"),
    ],
)
async def test_a_check_that_asks_nothing(filing: Filing, asked: dict[str, str], code: str) -> None:
    assert await code_of(verified(filing, **asked)) == code


async def test_letters_of_a_withdrawn_case_stand_no_longer(filing: Filing) -> None:
    filing_id = await received(filing)
    await filing.printing.run()
    await filing.call("WithdrawFiling", RESIDENT, filing_id=filing_id, reason="另行组织")
    letters = await listed(filing, filing_id)
    assert {letter.standing for letter in letters} == {LetterStanding.WITHDRAWN}
    found = await verified(filing, code=letters[0].code)
    assert (found.standing, bool(found.ended_on)) == (LetterStanding.WITHDRAWN, True)


async def test_the_letters_of_an_erased_case_lose_what_they_say(filing: Filing) -> None:
    filing_id = await received(filing)
    await filing.printing.run()
    letters = await listed(filing, filing_id)
    await filing.call("WithdrawFiling", RESIDENT, filing_id=filing_id, reason="另行组织")
    await advance(400)
    assert await filing.due.erase() == 1
    assert await filing.printing.clean() == 3
    for letter in letters:
        with pytest.raises(FileNotFoundError):
            await obstore.get_async(filing.files, f"letters/{letter.letter_id}.pdf")
    found = await verified(filing, code=letters[0].code)
    assert found.pdf_sha256 == letters[0].pdf_sha256, "a file in hand can still be checked"
    assert await filing.printing.run() == 0
