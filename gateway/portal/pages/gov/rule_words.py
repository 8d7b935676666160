"""Rules in words: what a key means, its value with its unit, where it comes from."""

from typing import Any

from gateway.portal import _
from gateway.portal.filters import word
from proto.gen.minzheng.filing.v1.filing_pb import RefusalGround
from proto.gen.minzheng.filing.v1.rules_pb import Rule, RuleSetting


def names() -> dict[str, str]:
    """What the keys of filing mean."""
    return {
        "FIL.MEMBERS_MIN.BA_ST": _("社团型备案的成员人数下限"),
        "FIL.STAFF_MIN.BA_FW": _("服务型备案的从业人员下限"),
        "FIL.FOUNDERS_MIN.NATURAL": _("自然人发起人下限"),
        "FIL.FOUNDERS_MIN.LEGAL": _("单位发起人下限"),
        "FIL.LOCAL_RESIDENT_SHARE_MIN": _("本社区居民占成员的最低比例（0 为不要求）"),
        "FIL.FUND_MIN": _("活动资金下限"),
        "FIL.SHARED_PREMISES": _("允许一址多社"),
        "FIL.VILLAGE_OPINION": _("完整性审核前征求村（社区）意见"),
        "FIL.VILLAGE_OPINION_WD": _("村（社区）意见期限"),
        "FIL.NOTICE_DAYS": _("决定前公示（0 为不公示）"),
        "FIL.DECIDE_WD": _("备案决定期限"),
        "FIL.CORRECT_WD": _("一次性告知补正的期限"),
        "FIL.LAPSE_DAYS": _("逾期未补正视为撤回"),
        "FIL.VALID_YEARS": _("备案有效期（0 为长期）"),
        "FIL.RENEW_BEFORE_D": _("到期前可申请换发"),
        "FIL.AUTHORITY_LEVEL": _("备案机关层级"),
        "FIL.SIZE_CLASS.SMALL_MAX": _("小型组织的成员上限"),
        "FIL.SIZE_CLASS.MEDIUM_MAX": _("中型组织的成员上限"),
        "FIL.REFUSAL_GROUNDS": _("不予备案的理由"),
        "FIL.STATS_DUE.PERIOD": _("街道（乡镇）统计上报周期"),
        "FIL.STATS_DUE.DAY": _("统计上报日（期满后次月）"),
        "FIL.ACTIVITY_MIN_YEAR": _("每年活动次数下限"),
        "FIL.CANCEL.STATE_VIEW_WD": _("取消备案前陈述申辩期限"),
        "FIL.CANCEL.NOTICE_DAYS": _("取消备案公告期"),
        "FIL.CANCEL.DECIDE_WD": _("取消备案决定期限"),
        "FIL.REPORT_PERIOD": _("向村（社区）“两委”报告周期"),
        "FIL.REVIEW.WEIGHT.COMMITTEE": _("评议中“两委”的权重"),
        "FIL.REVIEW.WEIGHT.RESIDENTS": _("评议中居民的权重"),
        "FIL.REVIEW.MIN_RESIDENTS": _("有效评议的居民人数下限"),
        "FIL.MAJOR.LEAD": _("重大活动提前报告"),
        "FIL.MAJOR.PEOPLE": _("重大活动的参加人数"),
        "FIL.MAJOR.MONEY": _("重大活动的金额"),
        "FIL.MAJOR.POLICE_PEOPLE": _("须公安许可的参加人数"),
        "FIL.CHANGE_APPLY_D": _("变更后申请的期限"),
        "FIL.CHANGE_DECIDE_WD": _("变更决定期限"),
        "FIL.INVESTIGATE_OPEN_WD": _("是否立案调查的决定期限"),
        "FIL.INVESTIGATE_D": _("调查期限"),
        "CAL.LOCAL_HOLIDAYS": _("本省另行放假的日子（不计入工作日）"),
    }


def name_of(one: Rule) -> str:
    """What a rule means; its note where it has no word yet."""
    return names().get(one.key, one.meaning or one.key)


def unit_of(one: Rule) -> str:
    """Its unit."""
    units = {"persons": _("人"), "working days": _("个工作日"), "days": _("日"), "years": _("年"), "count": _("次")}  # fmt: skip
    return _("元") if one.type == "money_yuan" else units.get(one.unit, one.unit)


def value_of(text: str) -> str:
    """A value in words: yes, no, a choice, grounds."""
    grounds = {one.name: word(one) for one in RefusalGround if one}
    words = {"true": _("是"), "false": _("否"), "required": _("征求"), "none": _("不征求"), "township": _("街道（乡镇）"), "county": _("县（市、区）"), "month": _("每月"), "quarter": _("每季度"), "half_year": _("每半年"), "year": _("每年")}  # fmt: skip
    parts = [part for part in text.replace(",", " ").replace("|", " ").split() if part]
    return _("、").join(grounds.get(part, words.get(part, part)) for part in parts)


def source_of(one: Rule) -> str:
    """Which level set it."""
    return one.region.full_name if one.effective_from and one.region else _("平台默认值")


def basis_of(one: Rule | RuleSetting) -> str:
    """The document of a value that was set; a default rests on none here."""
    return one.basis if one.effective_from else ""


WORDS: dict[str, Any] = {"rule_name": name_of, "rule_value": value_of, "rule_unit": unit_of, "rule_source": source_of, "rule_basis": basis_of}  # fmt: skip
"""For templates."""
