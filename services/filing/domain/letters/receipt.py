"""BA-03, the receipt: what was handed in and until when the decision is due."""

from kit.papers import Paper, Paragraph, Table
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case
from services.filing.domain.letters.letter import Kind, Marks, Told
from services.filing.domain.letters.words import MATERIALS, issuer_of, written
from services.filing.domain.requirements import FROM_FORM, mandatory

ONLINE, FILE = "在线填报生成", "电子文件"
PROGRESS = (
    "收件不代表准予备案。凭申请编号和查询码可以在平台“办件查询”页查询办理进度；"
    "查询码见提交后的收件回执页，也见申请人登录后的“办件详情”页。"
)
"""The code itself is not printed: whoever holds the paper would read how the case stands."""
FIRST = "收件不代表准予备案。可凭申请编号查询办理进度。"
"""As receipts say that were asked for before they told of the code: they print the same again."""


def told(case: Case, moment: Moment) -> Told:
    """The materials and the clock of the day of receipt, of a renewal those of its own."""
    codes = sorted({*mandatory(case), *(item.code for item in case.materials)})
    return {
        "name": case.form.name,
        "issuer": issuer_of(case.place),
        "renewal": case.renewal is not None,
        "materials": [[MATERIALS[code], ONLINE if code in FROM_FORM else FILE] for code in codes],
        "days": case.pinned["FIL.DECIDE_WD"],
        "due": written(case.decide_due),
        "provisional": case.provisional,
        "opinion": case.opinion_due is not None and case.renewal is None,
        "received_on": written(moment.today),
        "progress": PROGRESS,
    }


def paper(said: Told, marks: Marks) -> Paper:
    """The receipt."""
    what = "换发备案申请" if said["renewal"] else "备案申请"
    lines = tuple((str(n), *line) for n, line in enumerate(said["materials"], 1))
    table = Table((2, 9, 5), (("序号", "材料名称", "提交方式"), *lines), header=True)
    listed = () if said["renewal"] else (table,)
    return Paper(
        Kind.BA03.value,
        (
            Paragraph(f"我单位于{said['received_on']}收到你组织的{what}{'。' if said['renewal'] else '，材料如下：'}"),
            *listed,
            *map(Paragraph, _clock(said)),
            Paragraph(said.get("progress", FIRST)),
        ),
        head=said["issuer"],
        number=f"申请编号：{marks.number}",
        addressee=said["name"],
        signer=said["issuer"],
        signed_on=said["received_on"],
        code=marks.code,
        check=marks.check,
        form=marks.form,
    )  # fmt: skip


def _clock(said: Told) -> tuple[str, ...]:
    due = (
        f"我单位将自收件之日的次日起{said['days']}个工作日内作出决定，"
        f"即不迟于{said['due']}；补正和公示期间不计入上述期限。"
    )
    provisional = "该年度的放假安排尚未公布，上述日期为暂定日期。" if said["provisional"] else ""
    opinion = "办理中将征求所在村（社区）的意见。"
    return (due + provisional, *((opinion,) if said["opinion"] else ()))
