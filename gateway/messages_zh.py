"""Chinese sentences for broken field rules, by rule id of protovalidate."""

import re

NUMERIC = (
    *(f"{kind}{bits}" for kind in ("int", "uint", "sint", "fixed", "sfixed") for bits in (32, 64)),
    "float",
    "double",
)

RANGES = {
    "const": "应等于 {0}。",
    "lt": "应小于 {0}。",
    "lte": "不得大于 {0}。",
    "gt": "应大于 {0}。",
    "gte": "不得小于 {0}。",
    "gt_lt": "应大于 {0} 且小于 {1}。",
    "gt_lte": "应大于 {0} 且不大于 {1}。",
    "gte_lt": "应不小于 {0} 且小于 {1}。",
    "gte_lte": "应在 {0} 至 {1} 之间。",
    "in": "不在允许的取值范围内。",
    "not_in": "不能使用该取值。",
}

SENTENCES = {
    "required": "必须填写。",
    "string.len": "应为 {0} 个字。",
    "string.min_len": "至少填写 {0} 个字。",
    "string.max_len": "不得超过 {0} 个字。",
    "string.min_bytes": "至少 {0} 个字节。",
    "string.max_bytes": "不得超过 {0} 个字节。",
    "string.uuid": "应为 UUID，例如 018f3c5e-7b1a-7c3d-9e2f-0123456789ab。",
    "string.uuid_empty": "必须填写，应为 UUID。",
    "string.email": "应为有效的电子邮箱地址。",
    "string.email_empty": "请填写电子邮箱地址。",
    "string.uri": "应为有效的网址。",
    "string.uri_empty": "请填写网址。",
    "string.in": "不在允许的取值范围内。",
    "string.not_in": "不能使用该取值。",
    "enum.const": "不能使用该取值。",
    "enum.defined_only": "不是已定义的取值。",
    "enum.in": "不在允许的取值范围内。",
    "enum.not_in": "必须选择一个允许的取值。",
    "repeated.min_items": "至少 {0} 项。",
    "repeated.max_items": "不得超过 {0} 项。",
    "repeated.unique": "不得有重复项。",
    "map.min_pairs": "至少 {0} 项。",
    "map.max_pairs": "不得超过 {0} 项。",
    "bytes.min_len": "至少 {0} 个字节。",
    "bytes.max_len": "不得超过 {0} 个字节。",
    "timestamp.lt_now": "应早于当前时间。",
    "timestamp.gt_now": "应晚于当前时间。",
    **{f"{kind}.{rule}": text for kind in NUMERIC for rule, text in RANGES.items()},
}

PATTERNS = {
    "^[0-9]{12}$": "应为 12 位数字的区划代码。",
    "^([0-9]{12})?$": "应为 12 位数字的区划代码，或不填。",
    "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$": "应为日期，格式为 YYYY-MM-DD，或不填。",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "应为日期，格式为 YYYY-MM-DD。",
    "^[A-Z]+(\\.[A-Z_]+)+$": "应为规则代码，例如 FIL.DECIDE_WD。",
    "^([0-9]{11})?$": "应为 11 位手机号码，或不填。",
    "^[0-9]{0,18}$": "应为上一次应答给出的游标，或不填。",
    "^[A-Z]{2}$": "应为 2 位大写字母的字典代码。",
    "^[A-Z]{2,5}$": "应为 2 至 5 位大写字母的字典代码。",
    "^[A-Z0-9_]{0,20}$": "应为大写字母、数字和下划线组成的代码，至多 20 位，或不填。",
    "^[A-Z0-9_]{0,40}$": "应为大写字母、数字和下划线组成的代码，至多 40 位，或不填。",
}
"""What a pattern means to a person; a test asks for a row per pattern of the contracts."""

FALLBACK = "内容不符合要求。"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def sentence(rule_id: str, rule_value: object, english: str) -> str:
    """The sentence for a broken rule.

    `rule_value` is the value the rule states; ranges name both ends only in the English message.
    """
    if rule_id == "string.pattern":
        return PATTERNS.get(str(rule_value), "格式不正确。")
    ends = NUMBER.findall(english) if rule_id.partition(".")[0] in NUMERIC else [rule_value]
    try:
        return SENTENCES.get(rule_id, FALLBACK).format(*ends)
    except IndexError:
        return FALLBACK
