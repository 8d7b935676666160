"""Field rules: all violations at once, JSON paths, Chinese sentences."""

from collections.abc import Iterator

import pytest
from protobuf import DescMessage

from gateway import messages_zh
from gateway.openapi.schemas import items_of, rules_of, stated_of
from kit.contracts import files


async def test_every_violation_is_told(api, services, problem_of):
    draft = {
        "filingId": "x",
        "communityCode": "46",
        "form": {
            "fieldCodes": ["AB", "AB", "a", "CD"],
            "fundFen": "-1",
            "staffFull": 10001,
            "category": 99,
            "name": "x" * 101,
            "members": [{}, {"homeCommunity": "z"}],
        },
    }
    told = problem_of(await api.post("/api/v1/filings", json=draft), 422, "api.invalid")
    assert not services.asked
    found = {(one["field"], one["rule"]): one["message"] for one in told["violations"]}
    assert found == {
        ("filingId", "string.uuid"): messages_zh.SENTENCES["string.uuid"],
        ("communityCode", "string.pattern"): "应为 12 位数字的区划代码。",
        ("form.fieldCodes", "repeated.max_items"): "不得超过 3 项。",
        ("form.fieldCodes", "repeated.unique"): "不得有重复项。",
        ("form.fieldCodes[2]", "string.pattern"): "应为 2 位大写字母的字典代码。",
        ("form.fundFen", "int64.gte_lte"): "应在 0 至 100000000000 之间。",
        ("form.staffFull", "int32.gte_lte"): "应在 0 至 10000 之间。",
        ("form.category", "enum.defined_only"): "不是已定义的取值。",
        ("form.name", "string.max_len"): "不得超过 100 个字。",
        ("form.members[1].homeCommunity", "string.pattern"): "应为 12 位数字的区划代码，或不填。",
    }
    assert told["detail"] == "有 10 处内容不符合要求。"


async def test_an_absent_form_is_required(api, problem_of):
    key = "018f3c5e-7b1a-7c3d-9e2f-00000000000a"
    response = await api.put(f"/api/v1/filings/{key}/form", headers={"Idempotency-Key": key})
    told = problem_of(response, 422, "api.invalid")
    assert told["violations"] == [{"field": "form", "rule": "required", "message": "必须填写。"}]


def every_message() -> Iterator[DescMessage]:
    for file in files():
        yield from file.messages


def every_rule() -> Iterator[tuple[str, str, object]]:
    """Kind, name and value of every rule of the contracts."""
    for message in every_message():
        for field in message.fields:
            for rules in (rules_of(field), items_of(rules_of(field))):
                if rules is not None and rules.type is not None and rules.type.field:
                    for name, value in stated_of(rules.type.value):
                        yield rules.type.field, name, value


def test_every_pattern_means_something_to_a_person():
    patterns = {value for _kind, name, value in every_rule() if name == "pattern"}
    assert len(patterns) >= 5
    assert patterns <= messages_zh.PATTERNS.keys()


def test_every_rule_has_a_sentence():
    used = {f"{kind}.{name}" for kind, name, _value in every_rule()}
    known = messages_zh.SENTENCES.keys() | {"string.pattern", "repeated.items"}
    assert "string.uuid" in used
    assert used <= known


@pytest.mark.parametrize(
    ("rule", "value", "english", "chinese"),
    [
        ("string.min_len", 2, "must be at least 2 characters", "至少填写 2 个字。"),
        ("double.gt_lt", 0.5, "must be greater than 0.5 and less than 2", "应大于 0.5 且小于 2。"),
        ("int32.gte", -3, "must be greater than or equal to -3", "不得小于 -3。"),
        ("int32.gte_lte", 1, "odd", messages_zh.FALLBACK),
        ("some.other", None, "", messages_zh.FALLBACK),
        ("string.pattern", "^x$", "", "格式不正确。"),
    ],
)
def test_sentences(rule, value, english, chinese):
    assert messages_zh.sentence(rule, value, english) == chinese
