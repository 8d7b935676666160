"""BA-06, the filing is refused: the listed ground, the reason in writing, the remedy (T11.2)."""

from kit.data import terms
from kit.papers import Heading, Paper, Paragraph
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case
from services.filing.domain.letters.letter import Kind, Marks, Told
from services.filing.domain.letters.words import POLICY, REMEDY, issuer_of, written


def told(case: Case, moment: Moment) -> Told:
    """Why it was refused."""
    return {
        "name": case.form.name,
        "issuer": issuer_of(case.place),
        "application_no": case.application_no,
        "grounds": [terms("FILING_REFUSAL")[ground] for ground in case.refusal_grounds],
        "reason": case.reason,
        "decided_on": written(moment.today),
    }


def paper(said: Told, marks: Marks) -> Paper:
    """The notice."""
    return Paper(
        Kind.BA06.value,
        (
            Paragraph(
                f"你组织的备案申请（编号：{said['application_no']}），"
                "经审核存在下列情形，决定不予备案："
            ),
            Heading("一、不予备案的情形"),
            *(Paragraph(f"{ground}。") for ground in said["grounds"]),
            Heading("二、理由说明"),
            Paragraph(said["reason"]),
            Heading("三、依据"),
            Paragraph(f"依据{POLICY}和收件之日本地施行的备案规则。"),
            Heading("四、权利救济"),
            Paragraph(REMEDY),
        ),
        head=said["issuer"],
        number=marks.number,
        addressee=said["name"],
        signer=said["issuer"],
        signed_on=said["decided_on"],
        code=marks.code,
        check=marks.check,
        form=marks.form,
    )
