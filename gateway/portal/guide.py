"""The rules of a place in the words of a guide: facts, conditions, steps with their limits."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.portal.language import gettext as _

PARTS = re.compile("(?=[一二三四五六七八九十]、)")
"""Where the numbered parts of the pledge begin."""
Rules = Mapping[str, Any]
"""Rules of the contract by key."""


def value(rules: Rules, key: str) -> str:
    """The value of a rule; empty where it is not told."""
    return str(rules[key].value) if key in rules else ""


def parts_of(pledge: str) -> Sequence[str]:
    """The pledge as it is read: its opening and its numbered parts."""
    return PARTS.split(pledge)


def condition(text: str) -> str:
    """When a material is needed that is not always needed, translated."""
    return {"负责人为公职人员的": _("负责人为公职人员的")}.get(text, text)


def working_days(count: str) -> str:
    """A limit in working days."""
    return _("%(count)s 个工作日") % {"count": count}


def facts(told: Any, rules: Rules) -> Sequence[tuple[str, str]]:
    """基本信息: kind, body, limits, visits, fee."""
    years = value(rules, "FIL.VALID_YEARS")
    body = (
        told.authority.full_name
        if told.authority
        else _("所在街道办事处（乡镇人民政府），县级承担的为县级民政部门")
    )
    return [
        (_("事项类型"), _("备案管理")),
        (_("实施主体"), body),
        (_("适用地区"), told.region.full_name or told.region.name),
        (_("办结时限"), working_days(value(rules, "FIL.DECIDE_WD"))),
        (_("到现场次数"), _("0 次，全程网上办理")),
        (_("收费"), _("不收费")),
        (_("有效期"), _("长期") if years in ("", "0") else _("%(years)s 年") % {"years": years}),
    ]


def applied(rules: Rules) -> Sequence[tuple[str, Any]]:
    """受理条件: each with the rule behind it."""
    told = [
        (_("社团型：成员不少于 %(count)s 名"), "FIL.MEMBERS_MIN.BA_ST"),
        (_("服务型：从业人员不少于 %(count)s 名"), "FIL.STAFF_MIN.BA_FW"),
        (_("发起人为自然人的不少于 %(count)s 名"), "FIL.FOUNDERS_MIN.NATURAL"),
        (_("发起人为单位的不少于 %(count)s 个"), "FIL.FOUNDERS_MIN.LEGAL"),
        (_("活动资金不少于 %(count)s 元"), "FIL.FUND_MIN"),
        (_("本社区居民占成员的比例不低于 %(count)s%%"), "FIL.LOCAL_RESIDENT_SHARE_MIN"),
    ]
    asked = [(text, rules[key]) for text, key in told if value(rules, key) not in ("", "0")]
    return [(text % {"count": rule.value}, rule) for text, rule in asked]


def flow(rules: Rules) -> Sequence[tuple[str, str, bool]]:
    """办理流程: step, its limit, whether the time for the decision runs on in it."""
    steps = [(_("提交申请，系统当即收件并出具收件编号"), _("即时"), True)]
    if value(rules, "FIL.VILLAGE_OPINION") == "required":
        limit = working_days(value(rules, "FIL.VILLAGE_OPINION_WD"))
        steps.append((_("村（社区）“两委”提出意见，逾期未提出的自动转下一步"), limit, True))
    limit = working_days(value(rules, "FIL.CORRECT_WD"))
    steps.append((_("审核材料是否齐全；需要补正的一次性告知"), limit, True))
    lapse = _("%(count)s 日") % {"count": value(rules, "FIL.LAPSE_DAYS")}
    steps.append((_("申请人补正（逾期未补正视为撤回）"), lapse, False))
    notice = value(rules, "FIL.NOTICE_DAYS")
    if notice not in ("", "0"):
        steps.append((_("公示"), _("%(count)s 日") % {"count": notice}, False))
    decide = _("自收件起 %(count)s 个工作日内") % {"count": value(rules, "FIL.DECIDE_WD")}
    return [*steps, (_("由另一名工作人员审核决定，公开结果"), decide, True)]
