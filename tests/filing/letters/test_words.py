"""Which letter arises at which step, and that every sentence of ours bears Chinese punctuation."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kit.plain import asdict
from services.filing.domain import decision, draft, renewal, review
from services.filing.domain.acting import Actor
from services.filing.domain.letters import receipt
from services.filing.domain.letters.letter import Kind, Marks, Standing
from services.filing.domain.letters.table import EDITION, arising, ending, setting
from services.filing.domain.letters.words import issuer_of
from services.filing.domain.pledge import pledge_on
from tests.filing.builders import (
    APPLICANT,
    CLERK,
    LEAD,
    MONDAY,
    SYSTEM,
    TIANYA,
    YANGPU,
    drafted,
    finish,
    in_review,
    marked,
    moment,
    proposed,
    rules,
    submitted,
)
from tests.filing.letters.papers import letters, outcomes, paper_of

KINDS = pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name)
HALF_WIDTH = re.compile(r"[一-鿿”》）〕][,;:!?()]|[,;:!?()][一-鿿“《（〔]|\.\.\.")
OWNER = Actor("account-applicant", "ORG_OWNER")


def sentences(value: Any) -> Iterator[str]:
    """Every text of a structure."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from sentences(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from sentences(inner)


def test_each_step_asks_for_its_letters() -> None:
    asked = [[letter.kind for letter in arising(o, moment())] for o in outcomes()]
    assert asked == [[Kind.BA01, Kind.BA02, Kind.BA03], [Kind.BA04], [Kind.BA05], [Kind.BA06]]


def test_no_other_step_asks_for_any() -> None:
    case = in_review()
    for outcome in (
        draft.create("f", "o", case.place, case.form, case.persons, APPLICANT),
        review.give_opinion(submitted(), Actor("v", "VILLAGE"), moment(), "AGREE", ""),
        review.mark(case, CLERK, [("B02", "PRESENT", "")]),
        decision.propose(marked(case), CLERK, moment(), "ACCEPT", (), ""),
        finish(decision.decide(proposed(), LEAD, moment(), False, "请核对")),
        draft.withdraw(case, APPLICANT, moment(), ""),
    ):
        assert arising(outcome, moment()) == ()


def test_a_renewal_has_pledge_receipt_and_a_new_notice() -> None:
    filed = finish(decision.decide(proposed(FIL__VALID_YEARS="3"), LEAD, moment(), True, "")).case
    day = date(2029, 2, 20)
    due = renewal.fall_due(filed, SYSTEM, moment(day)).case
    asked = renewal.apply(due, OWNER, moment(day), rules(on=day), pledge_on(day).version)
    found = arising(asked, moment(day))
    assert [letter.kind for letter in found] == [Kind.BA02, Kind.BA03]
    text = str(asdict(setting(Kind.BA03, EDITION, found[1].told, Marks("SB1", "", "", ""))))
    assert "换发备案申请" in text
    assert "材料如下" not in text

    wanted = decision.propose(asked.case, CLERK, moment(day), "ACCEPT", (), "").case
    renewed = finish(decision.decide(wanted, LEAD, moment(day), True, ""))
    (notice,) = arising(renewed, moment(day))
    assert (notice.kind, notice.number) == (Kind.BA05, filed.printed_no)
    ended = ending(renewed)
    assert ended is not None
    assert (ended.kinds, ended.standing) == ((Kind.BA05,), Standing.REPLACED)
    text = str(asdict(setting(Kind.BA05, EDITION, notice.told, Marks("N", "", "", ""))))
    assert "准予换发" in text


def test_what_ends_with_the_case() -> None:
    withdrawn = ending(draft.withdraw(in_review(), APPLICANT, moment(), ""))
    assert withdrawn is not None
    assert (withdrawn.kinds, withdrawn.standing) == (tuple(Kind), Standing.WITHDRAWN)
    filed = finish(decision.decide(proposed(FIL__VALID_YEARS="1"), LEAD, moment(), True, "")).case
    due = renewal.fall_due(filed, SYSTEM, moment(date(2027, 2, 20))).case
    expired = ending(renewal.expire(due, SYSTEM, moment(date(2027, 3, 20))))
    assert expired is not None
    assert (expired.kinds, expired.standing) == ((Kind.BA05,), Standing.EXPIRED)
    assert ending(finish(decision.decide(proposed(), LEAD, moment(), False, "请核对"))) is None


@KINDS
def test_sentences_bear_chinese_punctuation(kind: Kind) -> None:
    typed = {"邻里互助，服务老人", "探访独居老人；节日慰问"}
    for sentence in sentences(asdict(paper_of(kind))):
        if sentence not in typed:
            assert not HALF_WIDTH.search(sentence), sentence
    assert not HALF_WIDTH.search(pledge_on(MONDAY).text)


@KINDS
def test_persons_are_masked_but_the_head_of_a_filed_organization(kind: Kind) -> None:
    said = str(asdict(paper_of(kind)))
    for person in drafted().persons.principals:
        assert person.id_number not in said
        assert person.phone not in said
    assert ("符小梅" in said) is (kind is Kind.BA05)
    assert "陈大海" not in said


def test_numbers_bear_the_word_of_the_authority() -> None:
    assert letters()[Kind.BA04].number == "大同社备补〔2026〕"
    assert letters()[Kind.BA06].number == "大同社备不〔2026〕"
    assert letters()[Kind.BA05].number == "大同社备〔2026〕1号"


@pytest.mark.parametrize(
    ("community", "name"),
    [
        ("460106004002", "海口市龙华区大同街道办事处"),
        (TIANYA, "三亚市天涯区民政局"),
        (YANGPU, "洋浦经济开发区社会发展局"),
        ("469025100201", "白沙黎族自治县牙叉镇人民政府"),
    ],
)
def test_an_authority_signs_by_its_full_name(community: str, name: str) -> None:
    assert issuer_of(drafted(community).place).endswith(name)


def test_a_provisional_date_says_so() -> None:
    case = replace(submitted(), provisional=True)
    text = str(asdict(receipt.paper(receipt.told(case, moment()), Marks("SB1", "", "", ""))))
    assert "暂定日期" in text
