"""BA-01, the application as it was received; persons are masked as readers of the case see them."""

from kit.data import terms
from kit.masks import mask_id, mask_name, mask_phone
from kit.papers import Block, Heading, Paper, Table
from kit.plain import asdict
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case, Principal
from services.filing.domain.letters.letter import Kind, Marks, Told
from services.filing.domain.letters.words import CLASSES, SCOPES, TENURES, issuer_of, written, yuan

SHORT, LONG = (6, 8, 6, 8), (6, 22)
YES = {True: "有", False: "无"}


def told(case: Case, moment: Moment) -> Told:
    """The form in words."""
    form = case.form
    return asdict(form) | {
        "organization_class": CLASSES[form.organization_class],
        "category": terms("CATEGORY")[form.category],
        "field_codes": "、".join(terms("FIELD")[code] for code in form.field_codes),
        "target_groups": "、".join(terms("TARGET")[code] for code in form.target_groups),
        "activity_scope": SCOPES[form.activity_scope],
        "fund": yuan(form.fund_fen),
        "tenure": TENURES[form.premises.tenure],
        "community": case.place.community_name,
        "authority": issuer_of(case.place),
        "size_class": terms("SIZE_CLASS")[case.size_class],
        "members": len(case.persons.members),
        "units": sum(member.is_unit for member in case.persons.members),
        "principals": [_masked(person) for person in case.persons.principals],
        "received_on": written(moment.today),
    }


def _masked(person: Principal) -> list[str]:
    official = "是" if person.is_official else "否"
    name, number = mask_name(person.name), mask_id(person.id_number)
    return [name, person.position, number, mask_phone(person.phone), official]


def paper(said: Told, marks: Marks) -> Paper:
    """The form as a table."""
    return Paper(
        Kind.BA01.value, (*_organization(said), *_work(said), *_people(said)),
        number=f"申请编号：{marks.number}",
        code=marks.code,
        check=marks.check,
        form=marks.form,
        signer="申请人（已在线签署）",
        signed_on=said["received_on"],
    )  # fmt: skip


def _organization(said: Told) -> tuple[Block, ...]:
    premises = said["premises"]
    return (
        Heading("一、组织基本情况"),
        Table(LONG, (("组织名称", said["name"]),)),
        Table(SHORT, (
            ("组织类别", said["organization_class"], "业务类别", said["category"]),
            ("所在村（社区）", said["community"], "活动地域", said["activity_scope"]),
            ("规模", said["size_class"], "活动资金", said["fund"]),
            ("专职人员", f"{said['staff_full']}人", "兼职人员", f"{said['staff_part']}人"),
            ("场所取得方式", said["tenure"], "场所提供方", premises["provider"] or "—"),
        )),
        Table(LONG, (
            ("活动或办公地址", premises["address"]),
            ("备案机关", said["authority"]),
        )),
    )  # fmt: skip


def _work(said: Told) -> tuple[Block, ...]:
    charter = said["charter"]
    voted = (
        f"{charter['adopted_on']}表决，到会{charter['present']}人，同意{charter['agreed']}人；"
        f"党建工作条款：{YES[charter['has_party_clause']]}；"
        f"社会主义核心价值观条款：{YES[charter['has_core_values_clause']]}"
    )
    return (
        Heading("二、宗旨、业务范围和章程"),
        Table(LONG, (
            ("重点领域", said["field_codes"]),
            ("服务对象", said["target_groups"]),
            ("宗旨", said["purpose"]),
            ("业务（活动）范围", said["business_scope"]),
            ("章程", voted),
        )),
    )  # fmt: skip


def _people(said: Told) -> tuple[Block, ...]:
    head = ("姓名", "职务", "身份证件号码", "联系电话", "公职")
    counted = f"共{said['members']}名，其中单位成员{said['units']}名（名册另附）"
    return (
        Heading("三、负责人和成员"),
        Table((4, 5, 9, 6, 4), (head, *map(tuple, said["principals"])), header=True),
        Table(LONG, (("成员", counted),)),
    )
