"""A case as its readers see it: domain to contract, persons by what the reader may see."""

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any, TypeVar

from protobuf.wkt import Timestamp

from kit.masks import mask_id, mask_name, mask_phone
from kit.places import region
from kit.plain import asdict
from kit.regions import hainan
from proto.gen.minzheng.common.v1.access_pb import PersonalFields, Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from proto.gen.minzheng.filing.v1.rules_pb import LoweredClass
from services.filing.domain import case as domain
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case
from services.filing.domain.clocks import hours_left, limit, time_state
from services.filing.domain.requirements import mandatory
from services.filing.rpc.officers import for_officers

E = TypeVar("E", bound=Enum)
CLEAR = (PersonalFields.OWN, PersonalFields.CLEAR)
ACTIONS = {
    "create_draft": "新建草稿",
    "edit_draft": "保存草稿",
    "upload_material": "提交材料",
    "submit": "提交申请（收件）",
    "give_village_opinion": "村（社区）出具意见",
    "village_silent": "村（社区）逾期未反馈",
    "mark_completeness": "完整性审核",
    "return_for_correction": "一次性告知补正",
    "resubmit": "补正后重新提交",
    "expire": "逾期未补正，视为撤回",
    "start_notice": "开始公示",
    "propose_decision": "提出拟办意见",
    "send_back": "退回经办",
    "decide": "作出决定",
    "withdraw": "撤回申请",
    "object": "居民提出异议",
    "handle_objection": "处理异议",
    "write_guidance": "县级业务指导",
    "take_over_inbox": "移交经办人",
    "remind": "时限提醒",
    "expire_soon": "临近到期，待换发",
    "renew": "申请换发",
    "end": "有效期满，备案到期",
    "erase_persons": "保存期满，删除个人信息",
}


def named(enum: type[E], name: str) -> E:
    """Member of a contract enum by the domain's name; empty is UNSPECIFIED."""
    return enum[name or "UNSPECIFIED"]


def text(day: date | None) -> str:
    """A day as text, empty for none."""
    return day.isoformat() if day else ""


def chip(case: Case, today: date) -> pb.TimeState:
    """How the case stands in its time on a day."""
    level = dict(case.reminded).get("DECISION", 0)
    found = time_state(case.state, case.notice_ends, case.decide_due, level, today)
    return named(pb.TimeState, found)


def filing(case: Case, shown: PersonalFields, moment: Moment) -> pb.Filing:
    """The case for a reader at a moment; officers also see what `for_officers` tells."""
    officer = shown is PersonalFields.MASKED
    due = limit(case.state, case.opinion_due, case.correction_due, case.decide_due)
    return pb.Filing(
        filing_id=case.filing_id,
        version=case.version,
        organization_id=case.organization_id,
        state=pb.FilingState[case.state.name],
        community=region(case.place.community_code),
        authority=region(case.place.authority_code),
        form=form(case, shown),
        materials=[material(item) for item in case.materials],
        application_no=case.application_no,
        deadlines=deadlines(case),
        village_opinion=named(pb.VillageOpinion, case.village_opinion),
        village_opinion_text=case.village_opinion_text,
        correction_items=[pb.MaterialCode[code] for code in case.correction_items],
        proposed_decision=named(pb.Decision, case.proposal.decision if case.proposal else ""),
        decision=named(pb.Decision, case.decision),
        refusal_grounds=[pb.RefusalGround[ground] for ground in case.refusal_grounds],
        reason=case.reason,
        filing_no=case.filing_no,
        printed_no=case.printed_no,
        decided_on=text(case.decided_on),
        size_class=named(pb.SizeClass, case.size_class),
        member_mix=named(pb.MemberMix, case.member_mix),
        pledge_version=case.pledge_version,
        rule_version=case.pinned.fingerprint if case.rules else "",
        objections=[objection(item, with_text=officer) for item in case.objections],
        time_state=chip(case, moment.today),
        valid_to=text(case.valid_to),
        lowered_class=named(LoweredClass, case.pinned.lowered_class if case.rules else ""),
        due_on=text(due),
        hours_left=hours_left(due, moment.today, moment.at),
        required_materials=[pb.MaterialCode[code] for code in mandatory(case)],
        **(for_officers(case) if officer else {}),
    )


def objection(item: domain.Objection, with_text: bool = True) -> pb.Objection:
    """An objection without the person who raised it."""
    return pb.Objection(
        objection_id=item.objection_id,
        ground=pb.ObjectionGround[item.ground],
        text=item.text if with_text else "",
        raised_on=text(item.raised_on),
        outcome=named(pb.ObjectionOutcome, item.outcome),
        answer=item.answer,
        answered_on=text(item.answered_on),
    )


def guidance(item: domain.Guidance) -> pb.Guidance:
    """A comment of the county."""
    return pb.Guidance(
        guidance_id=item.guidance_id,
        text=item.text,
        author_role=Role[item.role],
        written_on=text(item.written_on),
    )


def material(item: domain.Material) -> pb.Material:
    """A material on file."""
    values = asdict(item)
    values["code"] = pb.MaterialCode[item.code]
    values["completeness"] = named(pb.Completeness, item.completeness)
    return pb.Material(**values)


def deadlines(case: Case) -> pb.Deadlines:
    """Where the clocks stand."""
    return pb.Deadlines(
        received_on=text(case.received_on),
        opinion_due=text(case.opinion_due),
        correction_due=text(case.correction_due),
        notice_ends=text(case.notice_ends),
        decide_due=text(case.decide_due),
        provisional=case.provisional,
        renew_from=text(case.renew_from),
        renewal_received_on=text(case.renewal.received_on if case.renewal else None),
    )


def form(case: Case, shown: PersonalFields) -> pb.Form:
    """The form; persons in clear, masked or left out."""
    data = case.form
    values = asdict(data)
    values |= {
        "organization_class": named(pb.OrganizationClass, data.organization_class),
        "category": named(pb.Category, data.category),
        "activity_scope": named(pb.ActivityScope, data.activity_scope),
        "field_codes": list(data.field_codes),
        "target_groups": list(data.target_groups),
        "premises": pb.Premises(
            **asdict(data.premises) | {"tenure": named(pb.Tenure, data.premises.tenure)}
        ),
        "charter": pb.Charter(**asdict(data.charter)),
    }
    if shown in CLEAR or shown is PersonalFields.MASKED:
        masked = shown is PersonalFields.MASKED
        values["principals"] = [principal(person, masked) for person in case.persons.principals]
        values["members"] = [member(person, masked) for person in case.persons.members]
    return pb.Form(**values)


def principal(person: domain.Principal, masked: bool) -> pb.Principal:
    """A person in charge."""
    values = asdict(person)
    if masked:
        values["name"] = mask_name(person.name)
        values["id_number"] = mask_id(person.id_number)
        values["phone"] = mask_phone(person.phone)
    return pb.Principal(**values)


def member(person: domain.Member, masked: bool) -> pb.Member:
    """A member."""
    values = asdict(person)
    if masked:
        values["name"] = person.name if person.is_unit else mask_name(person.name)
        values["home_community"] = ""
    return pb.Member(**values)


def due_of(row: Mapping[str, Any]) -> date:
    """The limit by which an inbox is sorted; nothing waits without one."""
    due = limit(
        domain.State[row["state"]], row["opinion_due"], row["correction_due"], row["decide_due"]
    )
    assert due is not None
    return due


def summary(row: Mapping[str, Any], officer: bool) -> pb.FilingSummary:
    """A line of a list; officers also see who handles the case."""
    state = domain.State[row["state"]]
    chip = time_state(state, row["notice_ends"], row["decide_due"], row["level"] or 0, row["today"])
    due = limit(state, row["opinion_due"], row["correction_due"], row["decide_due"])
    return pb.FilingSummary(
        filing_id=str(row["filing_id"]),
        name=row["name"],
        state=pb.FilingState[row["state"]],
        community_name=hainan().get(row["community"]).name,
        application_no=row["application_no"] or "",
        received_on=text(row["received_on"]),
        decide_due=text(row["decide_due"]),
        proposed_decision=named(pb.Decision, row["proposed"] or ""),
        version=row["version"],
        time_state=named(pb.TimeState, chip),
        filing_no=row["filing_no"] or "",
        category=named(pb.Category, row["category"]),
        handler=row["handler"] if officer else "",
        open_objections=row["open_objections"],
        due_on=text(due),
        hours_left=hours_left(due, row["today"], row["at"]),
    )


def step(row: Mapping[str, Any]) -> pb.HistoryEntry:
    """A line of the history."""
    return pb.HistoryEntry(
        action=row["action"],
        from_state=named(pb.FilingState, row["from_state"]),
        to_state=pb.FilingState[row["to_state"]],
        actor_role=Role[row["role"]],
        on=text(row["business_on"]),
        at=Timestamp.from_datetime(row["at"]),
        reason=row["reason"],
        rule_version=row["rule_version"],
        title=ACTIONS[row["action"]],
        version=row["ordinal"],
    )


def form_from(message: pb.Form | None) -> tuple[domain.Form, domain.Persons]:
    """The domain's form and persons of a request."""
    data = message or pb.Form()
    premises, charter = data.premises or pb.Premises(), data.charter or pb.Charter()
    plain = ("name", "purpose", "business_scope", "fund_fen", "staff_full", "staff_part")
    return domain.Form(
        **{name: getattr(data, name) for name in plain},
        organization_class=name_of(data.organization_class),
        category=name_of(data.category),
        activity_scope=name_of(data.activity_scope),
        field_codes=tuple(data.field_codes),
        target_groups=tuple(data.target_groups),
        premises=domain.Premises(premises.address, name_of(premises.tenure), premises.provider),
        charter=domain.Charter(
            charter.has_party_clause,
            charter.has_core_values_clause,
            charter.adopted_on,
            charter.present,
            charter.agreed,
        ),
    ), domain.Persons(
        tuple(
            domain.Principal(p.name, p.position, p.id_number.upper(), p.phone, p.is_official)
            for p in data.principals
        ),
        tuple(domain.Member(m.name, m.is_unit, m.home_community) for m in data.members),
    )


def name_of(member: Any) -> str:
    """Name of a contract enum's member; UNSPECIFIED is empty."""
    return "" if member == 0 else str(member.name)
