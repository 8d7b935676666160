"""BA-05, the filing is granted or renewed; the filing card stands on a page of its own (T11.2)."""

from kit.data import terms
from kit.papers import Block, Heading, Page, Paper, Paragraph, Table
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case
from services.filing.domain.letters.letter import Kind, Marks, Told
from services.filing.domain.letters.words import (
    CLASSES,
    POLICY,
    REMEDY,
    SCOPES,
    issuer_of,
    written,
)

CARD = "社区社会组织备案卡"
WIDE = (5, 23)
DUTIES = (
    "（一）遵守法律法规和国家政策，践行社会主义核心价值观，按照章程和备案的业务范围开展活动，不以营利为目的；",
    "（二）备案不赋予法人资格，不得以法人名义订立合同、开立账户，不得设立分支机构，不得公开募捐；",
    "（三）开展重大活动的，事先向备案机关报告；定期向村（社区）“两委”报告工作，接受评议；",
    "（四）名称、负责人、活动场所、章程、活动范围发生变化的，及时申请变更备案；",
    "（五）按照规定公开信息，接受备案机关、登记管理机关和社会的监督。",
)
ENDLESS = "本地未设定期限"


def told(case: Case, moment: Moment) -> Told:
    """What was granted."""
    form = case.form
    return {
        "name": form.name,
        "issuer": issuer_of(case.place),
        "renewed": case.renewal is not None,
        "application_no": case.application_no,
        "filing_no": case.filing_no,
        "head": next((person.name for person in case.persons.principals), ""),
        "organization_class": CLASSES[form.organization_class],
        "category": terms("CATEGORY")[form.category],
        "activity_scope": SCOPES[form.activity_scope],
        "business_scope": form.business_scope,
        "address": form.premises.address,
        "community": case.place.community_name,
        "filed_on": written(case.decided_on),
        "valid_to": written(case.valid_to),
        "issued_on": written(moment.today),
    }


def paper(said: Told, marks: Marks) -> Paper:
    """The notice and the card."""
    return Paper(
        Kind.BA05.value,
        (
            Paragraph(_decision(said)),
            Heading("一、备案事项"),
            Table(WIDE, _items(said)),
            Heading("二、应当履行的义务"),
            *map(Paragraph, DUTIES),
            Heading("三、权利救济"),
            Paragraph(REMEDY),
        ),
        head=said["issuer"],
        number=marks.number,
        addressee=said["name"],
        signer=said["issuer"],
        signed_on=said["issued_on"],
        code=marks.code,
        check=marks.check,
        form=marks.form,
        annex=_card(said, marks),
    )


def _decision(said: Told) -> str:
    if said["renewed"]:
        return f"你组织的换发备案申请已经审核，准予换发，备案号不变，有效期至{said['valid_to']}。"
    return (
        f"你组织的备案申请（编号：{said['application_no']}）材料齐全，"
        f"依照{POLICY}的规定，准予备案。"
    )


def _items(said: Told) -> tuple[tuple[str, ...], ...]:
    return (
        ("组织名称", said["name"]),
        ("备案号", said["filing_no"]),
        ("负责人", said["head"]),
        ("活动场所", said["address"]),
        ("活动地域", f"{said['activity_scope']}（{said['community']}）"),
        ("业务范围", said["business_scope"]),
        ("有效期", _validity(said)),
    )


def _validity(said: Told) -> str:
    until = f"至{said['valid_to']}" if said["valid_to"] else ENDLESS
    return f"自{said['filed_on']}起，{until}"


def _card(said: Told, marks: Marks) -> tuple[Block, ...]:
    rows = (
        ("组织名称", said["name"]),
        ("备案号", said["filing_no"]),
        ("组织类别", f"{said['organization_class']}（{said['category']}）"),
        ("负责人", said["head"]),
        ("活动场所", said["address"]),
        ("备案机关", said["issuer"]),
        ("备案文号", marks.number),
        ("备案日期", said["filed_on"]),
        ("有效期", _validity(said)),
    )
    note = "本卡证明该组织已经备案，不作为法人资格凭证。扫描页脚二维码可核验真伪和当前状态。"
    return (Page(CARD), Table(WIDE, rows), Paragraph(note))
