"""The applicant's pledge (承诺书): versions of its text, never changed once signed (T11.5)."""

import hashlib
from dataclasses import dataclass
from datetime import date

from kit.errors import conflict


@dataclass(frozen=True, slots=True)
class Pledge:
    """A version of the text."""

    version: str
    effective_from: date
    text: str

    @property
    def sha256(self) -> str:
        """Fingerprint of the text, hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


PLEDGES = (
    Pledge(
        "CN-2021-01",
        date(2021, 6, 1),
        "本人（本组织）郑重承诺：一、所提交的备案材料真实、合法、有效，复印件与原件一致；"
        "二、遵守宪法、法律、法规和国家政策，践行社会主义核心价值观，接受党组织领导和有关部门监督管理；"
        "三、按照章程开展活动，不以营利为目的，不设立分支机构，不对外公开募捐；"
        "四、重大活动事先报告，定期向村（社区）“两委”报告工作。如有不实，愿意接受信用管理并承担相应责任。",
    ),
    Pledge(
        "CN-2026-01",
        date(2026, 1, 1),
        "本人（本组织）郑重承诺：一、所提交的备案材料真实、合法、有效，复印件与原件一致；"
        "二、遵守宪法、法律、法规和国家政策，践行社会主义核心价值观，接受党组织领导和有关部门监督管理；"
        "三、按照章程开展活动，不以营利为目的，不设立分支机构，不对外公开募捐；"
        "四、重大活动事先报告，定期向村（社区）“两委”报告工作。如有不实，愿意接受信用管理并承担相应责任。",
    ),
)


def expect_signed(version: str, today: date) -> None:
    """Refuse an application without the pledge in force."""
    if version != pledge_on(today).version:
        raise conflict("filing.pledge_not_signed", "请先阅读并签署现行版本的承诺书。")


def signed(version: str) -> Pledge:
    """The text of a version; KeyError for one that never was."""
    return {pledge.version: pledge for pledge in PLEDGES}[version]


def pledge_on(day: date) -> Pledge:
    """The text in force on a day."""
    return max((p for p in PLEDGES if p.effective_from <= day), key=lambda p: p.effective_from)
