"""BA-04, the one notice of correction: every open item at once, and the last day (T11.4)."""

from kit.papers import Paper, Paragraph, Table
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case
from services.filing.domain.letters.letter import Kind, Marks, Told
from services.filing.domain.letters.words import MATERIALS, issuer_of, written

FOUND = {"ABSENT": "缺少", "UNREADABLE": "无法辨认"}


def told(case: Case, moment: Moment) -> Told:
    """What is missing and until when."""
    items = [case.material(code) for code in case.correction_items]
    return {
        "name": case.form.name,
        "issuer": issuer_of(case.place),
        "application_no": case.application_no,
        "items": [
            [MATERIALS[item.code], FOUND[item.completeness], item.note or "—"]
            for item in items
            if item is not None
        ],
        "due": written(case.correction_due),
        "returned_on": written(moment.today),
    }


def paper(said: Told, marks: Marks) -> Paper:
    """The notice."""
    lines = tuple((str(n), *item) for n, item in enumerate(said["items"], 1))
    return Paper(
        Kind.BA04.value,
        (
            Paragraph(
                f"你组织的备案申请（编号：{said['application_no']}）经完整性审核，"
                "下列材料需要补正，现一次性告知："
            ),
            Table((2, 7, 4, 9), (("序号", "材料名称", "情形", "说明"), *lines), header=True),
            Paragraph(f"请于{said['due']}前（含当日）一次性补齐上述材料。逾期未补正的，视为撤回申请。"),
            Paragraph("补正期间不计入办理期限。除上述事项外，不再要求补正其他材料。"),
        ),
        head=said["issuer"],
        number=marks.number,
        addressee=said["name"],
        signer=said["issuer"],
        signed_on=said["returned_on"],
        code=marks.code,
        check=marks.check,
        form=marks.form,
    )  # fmt: skip
