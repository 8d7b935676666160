"""BA-02, the pledge as it was signed: the text of its version, whoever signed it, and when (T11.5)."""

import re

from kit.calendar import ZONE
from kit.masks import mask_name
from kit.papers import Paper, Paragraph
from services.filing.domain.acting import Moment
from services.filing.domain.case import Case
from services.filing.domain.letters.letter import Kind, Marks, Told
from services.filing.domain.letters.words import issuer_of, written
from services.filing.domain.pledge import signed

PROMISES = re.compile("(?=[一二三四]、)")


def told(case: Case, moment: Moment) -> Told:
    """What was pledged."""
    pledge, names = signed(case.pledge_version), case.persons.principals
    return {
        "name": case.form.name,
        "authority": issuer_of(case.place),
        "text": pledge.text,
        "fingerprint": pledge.sha256,
        "principals": "、".join(mask_name(person.name) for person in names),
        "signed_at": f"{moment.at.astimezone(ZONE):%H:%M}",
        "signed_on": written(moment.today),
    }


def paper(said: Told, marks: Marks) -> Paper:
    """The promises, one a paragraph, and how they were signed."""
    signing = (
        f"本承诺书由申请人经统一身份认证登录后，于{said['signed_on']}{said['signed_at']}在线签署。"
        f"负责人：{said['principals']}。"
    )
    kept = f"承诺书文本指纹（SHA-256）：{said['fingerprint']}。"
    return Paper(
        Kind.BA02.value,
        (
            Paragraph(f"申请备案的组织：{said['name']}。"),
            *(Paragraph(part) for part in PROMISES.split(said["text"])),
            Paragraph(signing),
            Paragraph(kept),
        ),
        number=f"承诺书版本：{marks.number}",
        addressee=said["authority"],
        code=marks.code,
        check=marks.check,
        form=marks.form,
        signed_on=said["signed_on"],
    )
