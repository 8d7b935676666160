"""Words that several letters share; Chinese sentences carry Chinese punctuation."""

from datetime import date

from kit.regions import Level, Node, hainan
from services.filing.domain.case import Case, Place

POLICY = "《海南省培育发展社区社会组织专项行动实施方案（2021—2023年）》（琼民通〔2021〕34号）"
REMEDY = (
    "对本通知有异议的，可以自收到本通知书之日起60日内依法申请行政复议，"
    "或者自收到本通知书之日起6个月内依法向人民法院提起行政诉讼。"
)
"""Specification §0.4 Q8: the text until a county sets its own."""
CLASSES = {"BA_ST": "社团型", "BA_FW": "服务型"}
SCOPES = {"COMMUNITY": "本社区", "TOWNSHIP": "本街道（乡镇）"}
TENURES = {"OWN": "自有", "LEASE": "租赁", "FREE_USE": "无偿使用", "SHARED": "一址多社"}
MATERIALS = {
    "B01": "备案申请表",
    "B02": "章程（简易章程）",
    "B03": "负责人身份证明",
    "B04": "成员名册／从业人员名册",
    "B05": "活动场所使用证明",
    "B06": "承诺书",
    "B07": "村（社区）意见",
    "B08": "成立会议记录／成员大会决议",
    "B09": "公职人员兼职批准文件",
}
OFFICES = {"街道": "办事处", "镇": "人民政府", "乡": "人民政府"}
AT_COUNTY = "民政局"
ZONE, ZONE_OFFICE = "经济开发区", "社会发展局"


def written(day: date | None) -> str:
    """2026年3月18日; empty for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def issuer_of(place: Place) -> str:
    """The authority by its full name, as it signs: 海口市龙华区大同街道办事处."""
    node = hainan().get(place.authority_code)
    return f"{node.full_name}{_office(node)}"


def _office(node: Node) -> str:
    if node.name.endswith(ZONE):
        return ZONE_OFFICE
    if node.level is not Level.TOWNSHIP:
        return AT_COUNTY
    return next((office for kind, office in OFFICES.items() if node.name.endswith(kind)), "")


def word_of(case: Case, kind: str, year: int) -> str:
    """What stands before the serial of a number: 大同社备补〔2026〕."""
    return f"{case.place.authority_word}{kind}〔{year}〕"


def yuan(fen: int) -> str:
    """Money as it is written; nothing is rounded."""
    return f"{fen // 100}.{fen % 100:02}元"
