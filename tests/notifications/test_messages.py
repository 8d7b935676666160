"""Which messages each fact causes, and their texts."""

import json
import string
from pathlib import Path
from typing import Any

import pytest

from kit.contracts import facts
from kit.regions import hainan
from proto.gen.minzheng.common.v1.access_pb import Role, ext_personal
from proto.gen.minzheng.filing.v1.facts_pb import FilingClock
from proto.gen.minzheng.filing.v1.filing_pb import ObjectionGround, VillageOpinion
from proto.gen.minzheng.subscriptions.v1.webhooks_pb import StoppedBy
from services.notifications.domain import causes
from services.notifications.domain.causes import CAUSES, Address, chinese_day, messages
from services.notifications.domain.templates import ALL, CURRENT, Template
from services.notifications.reactions import notify, reactions, values
from tests.notifications.builders import ALL as EVERY
from tests.notifications.builders import (
    APPLICANT,
    AUTHORITY,
    COMMUNITY,
    COUNTY,
    DEPARTMENT,
    NAMES,
    OBJECTORS,
    OWN,
    PACKAGE,
    SUBSCRIBED,
    fact,
)

GOLDEN = json.loads((Path(__file__).parent / "data" / "golden.json").read_text(encoding="utf-8"))
TO_APPLICANT = Address(account=APPLICANT)
TO_VILLAGE = Address(role="VILLAGE", node=COMMUNITY)
TO_CLERK = Address(role="TOWN_CLERK", node=AUTHORITY)
TO_COUNTY = Address(role="COUNTY_CLERK", node=COUNTY)
TO_OBJECTOR, TO_OTHER = (Address(account=account) for account in OBJECTORS)


def caused(fact_name: str, **changed: Any) -> tuple[causes.Text, ...]:
    return messages(fact_name, values(fact(fact_name, **changed)))


@pytest.mark.parametrize(
    ("name", "changed", "to"),
    [
        ("FilingSubmitted", {}, [TO_APPLICANT, TO_VILLAGE]),
        ("FilingSubmitted", {"opinion_asked": False, "opinion_due": ""}, [TO_APPLICANT, TO_CLERK]),
        ("FilingReturned", {}, [TO_APPLICANT]),
        ("FilingResubmitted", {}, [TO_CLERK]),
        ("FilingOpinionRecorded", {}, [TO_CLERK]),
        ("FilingLapsed", {"objector_accounts": []}, [TO_APPLICANT, TO_CLERK]),
        ("FilingLapsed", {}, [TO_APPLICANT, TO_CLERK, TO_OBJECTOR, TO_OTHER]),
        ("FilingNoticeStarted", {}, [TO_APPLICANT, TO_VILLAGE]),
        ("FilingObjectionRaised", {}, [TO_CLERK]),
        ("FilingObjected", {}, [TO_APPLICANT, TO_OBJECTOR]),
        ("FilingObjectionAnswered", {}, [TO_OBJECTOR]),
        ("FilingGuided", {}, [TO_CLERK]),
        ("OrganizationFiled", {}, [TO_APPLICANT, TO_VILLAGE, TO_COUNTY, TO_OBJECTOR, TO_OTHER]),
        ("FilingRefused", {}, [TO_APPLICANT, TO_OBJECTOR, TO_OTHER]),
        ("FilingWithdrawn", {}, [TO_CLERK, TO_OBJECTOR, TO_OTHER]),
        ("RenewalDue", {}, [TO_APPLICANT]),
        ("FilingRenewalApplied", {}, [TO_APPLICANT, TO_CLERK]),
        ("FilingRenewed", {}, [TO_APPLICANT, TO_VILLAGE]),
        ("FilingExpired", {}, [TO_APPLICANT, TO_CLERK]),
    ],
)
def test_a_fact_reaches_its_readers(name: str, changed: Any, to: list[Address]) -> None:
    assert [message.to for message in caused(name, **changed)] == to


LEAD = Address(role="TOWN_LEAD", node=AUTHORITY)
CITY = Address(role="CITY_CA", node="460100000000")
PROVINCE = Address(role="PROV_SO", node="460000000000")


@pytest.mark.parametrize(
    ("clock", "level", "to"),
    [
        ("OPINION", 50, TO_VILLAGE),
        ("CORRECTION", 100, TO_APPLICANT),
        ("DECISION", 50, TO_CLERK),
        ("DECISION", 100, TO_CLERK),
        ("DECISION", 101, LEAD),
        ("DECISION", 102, TO_COUNTY),
        ("DECISION", 103, CITY),
        ("DECISION", 104, PROVINCE),
        ("NOTICE", 80, TO_CLERK),
    ],
)
def test_a_reminder_reaches_whose_limit_it_is_and_rises_a_level_a_day(
    clock: str, level: int, to: Address
) -> None:
    (message,) = caused("FilingReminded", clock=FilingClock[clock], level=level)
    assert message.to == to
    assert message.template == ("limit_passed" if level > 100 else "limit_near")


def test_the_time_for_renewal_is_told_to_the_owner() -> None:
    for level in (50, 80, 100):
        (message,) = caused("FilingReminded", clock=FilingClock.RENEWAL, level=level)
        assert (message.to, message.template) == (TO_APPLICANT, "renewal_near")
    assert [message.subject, message.body] == GOLDEN["renewal_near/1"]


def test_the_decision_on_a_renewal_is_named_so() -> None:
    for level, told in ((80, "limit_near"), (101, "limit_passed")):
        (message,) = caused("FilingReminded", level=level, renewal=True)
        assert message.template == told
        assert "的换发申请，作出换发决定的期限" in message.body


def test_a_notice_that_is_over_is_told_to_the_clerk() -> None:
    (message,) = caused("FilingReminded", clock=FilingClock.NOTICE, level=101)
    assert message.to == TO_CLERK
    assert [message.subject, message.body] == GOLDEN["notice_over/1"]


def test_the_last_day_to_ask_for_a_correction_says_what_follows() -> None:
    (near,) = caused("FilingReminded", clock=FilingClock.RETURN, level=80)
    assert (near.to, near.template) == (TO_CLERK, "limit_near")
    (last,) = caused("FilingReminded", clock=FilingClock.RETURN, level=100)
    assert last.to == TO_CLERK
    assert [last.subject, last.body] == GOLDEN["return_ends/1"]


@pytest.mark.parametrize(
    ("opinion", "told"),
    [("AGREE", "（同意）"), ("DISAGREE", "（不同意）"), ("NO_REPLY", "（逾期未反馈）")],
)
def test_the_clerk_hears_what_the_village_said(opinion: str, told: str) -> None:
    (message,) = caused("FilingOpinionRecorded", opinion=VillageOpinion[opinion])
    assert told in message.body


def test_where_there_is_no_city_the_province_hears_of_it() -> None:
    (message,) = caused(
        "FilingReminded", level=103, community_code="469025100001", authority_code="469025100000"
    )
    assert message.to == PROVINCE


TO_DEPARTMENT = Address(account=DEPARTMENT)
TO_DECIDER = Address(role="COUNTY_APPROVE", node=COUNTY)


@pytest.mark.parametrize(
    ("name", "changed", "to"),
    [
        ("SubscriptionRequested", {}, [TO_DECIDER]),
        ("SubscriptionRequested", {"region_code": COMMUNITY}, [TO_DECIDER]),
        ("SubscriptionRequested", {"region_code": "460100000000"}, [PROVINCE]),
        ("SubscriptionRequested", {"region_code": "460000000000"}, [PROVINCE]),
        ("SubscriptionApproved", {}, [TO_DEPARTMENT]),
        ("SubscriptionRefused", {}, [TO_DEPARTMENT]),
        ("SubscriptionPaused", {}, [TO_DEPARTMENT, TO_DECIDER]),
        ("SubscriptionPaused", {"stopped_by": StoppedBy.DEPARTMENT}, [TO_DEPARTMENT]),
        ("SubscriptionEnded", {}, [TO_DEPARTMENT]),
    ],
)
def test_a_subscription_reaches_who_asked_and_who_decides(
    name: str, changed: Any, to: list[Address]
) -> None:
    assert [message.to for message in caused(name, **changed)] == to


@pytest.mark.parametrize("name", EVERY)
def test_the_texts_are_the_golden_ones(name: str) -> None:
    found = {f"{m.template}/{m.template_version}": [m.subject, m.body] for m in caused(name)}
    assert found == {key: GOLDEN[key] for key in found}


def test_a_filing_without_opinion_goes_to_the_clerk_at_once() -> None:
    message = caused("FilingSubmitted", opinion_asked=False, opinion_due="")[1]
    assert [message.subject, message.body] == GOLDEN["review_due/1"]


def test_an_objection_without_a_listed_ground_is_told_as_recorded() -> None:
    (message,) = caused("FilingObjectionRaised", ground=ObjectionGround.OTHER)
    assert [message.subject, message.body] == GOLDEN["objection_recorded/1"]


def test_every_template_has_a_golden_text() -> None:
    assert {f"{t.name}/{t.version}" for t in ALL} == set(GOLDEN)


def test_a_validity_is_said_only_where_there_is_one() -> None:
    without, limited = (
        caused("OrganizationFiled", objector_accounts=[]),
        caused("OrganizationFiled", objector_accounts=[], valid_to="2029-03-20"),
    )
    assert all("有效期" not in message.body for message in without)
    assert all("备案有效期至2029年3月20日。" in message.body for message in limited)


def test_every_fact_of_filing_causes_messages() -> None:
    ours = {name.rpartition(".")[2] for name in facts() if name.startswith(f"{PACKAGE}.")}
    assert ours == set(OWN)
    assert set(CAUSES) == set(EVERY)


def test_every_cause_has_its_reaction() -> None:
    assert {(one.fact.desc().type_name, one.handle) for one in reactions()} == {
        (NAMES[name], notify) for name in CAUSES
    }


def test_every_template_is_used_and_every_cause_has_one() -> None:
    assert {cause.template for found in CAUSES.values() for cause in found} == set(CURRENT)


def test_versions_of_a_template_are_kept_without_holes() -> None:
    for name in CURRENT:
        versions = [template.version for template in ALL if template.name == name]
        assert versions == list(range(1, len(versions) + 1))
        assert CURRENT[name].version == versions[-1]


@pytest.mark.parametrize("template", ALL, ids=lambda one: f"{one.name}/{one.version}")
def test_every_placeholder_is_provided(template: Template) -> None:
    named = {
        field
        for text in (template.subject, template.body)
        for _, field, _, _ in string.Formatter().parse(text)
        if field is not None
    }
    for name, found in CAUSES.items():
        if template.name in {cause.template for cause in found}:
            assert named <= set(causes.words(values(fact(name))))


def test_the_facts_behind_the_texts_hold_no_personal_field() -> None:
    for name in CAUSES:
        for field in facts()[NAMES[name]].desc().fields:
            options = field.proto.options
            assert options is None or ext_personal not in options


def test_no_text_shows_the_opaque_account() -> None:
    for name in OWN:
        for message in caused(name):
            assert not any(one in message.subject + message.body for one in (APPLICANT, *OBJECTORS))
            assert message.about == f"filings/{values(fact(name))['filing_id']}"
    for name in SUBSCRIBED:
        for message in caused(name):
            assert DEPARTMENT not in message.subject + message.body
            assert message.about == f"subscriptions/{values(fact(name))['subscription_id']}"


def test_braces_in_a_name_are_plain_text() -> None:
    message = caused("FilingLapsed", name="{authority.__class__}")[0]
    assert message.subject == "视为撤回：{authority.__class__}"


def test_addressed_roles_and_nodes_exist() -> None:
    for name in EVERY:
        for message in caused(name):
            if message.to.role:
                assert Role[message.to.role]
                assert hainan().find(message.to.node)


@pytest.mark.parametrize(
    ("code", "county"), [("460204198006", "460204000000"), ("460400499001", None)]
)
def test_the_county_is_the_one_of_the_management_tree(code: str, county: str | None) -> None:
    node = caused("OrganizationFiled", community_code=code)[2].to.node
    place = hainan().get(code)
    assert node == (county or hainan().county_of(place).code)
    assert place.path.startswith(hainan().get(node).path)


@pytest.mark.parametrize(("day", "shown"), [("2026-03-02", "2026年3月2日"), ("", "")])
def test_days_are_shown_in_chinese(day: str, shown: str) -> None:
    assert chinese_day(day) == shown


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        chinese_day("2026-3")
