"""Sentences of the contract with their subjects."""

from gateway.portal.named import OF_CONTRACT, control, named
from kit.errors import Kind, Refusal, Violation

LABELS = {"purpose": "用途", "role": "岗位", "types": "事件类型"}


def said(field: str, rule: str, message: str, typed: str = "", code: str = OF_CONTRACT) -> str:
    refusal = Refusal(Kind.INVALID, code, "内容不符合要求。", (Violation(field, rule, message),))
    return named(refusal, LABELS, {field: typed})[0].message


def test_what_is_missing_is_asked_for_by_its_label() -> None:
    assert said("purpose", "string.min_len", "至少填写 5 个字。", " ") == "请填写用途。"
    assert said("role", "enum.not_in", "必须选择一个允许的取值。") == "请选择岗位。"


def test_what_is_wrong_has_a_subject() -> None:
    assert said("purpose", "string.min_len", "至少填写 5 个字。", "共享") == "用途至少填写 5 个字。"
    assert said("types", "repeated.min_items", "至少 1 项。") == "事件类型至少 1 项。"


def test_a_violation_lands_at_the_control_as_the_form_spells_it() -> None:
    assert control("effectiveFrom", {"effective_from": ""}) == "effective_from"
    assert control("conditions.receivedFrom", {"received_from": "x"}) == "received_from"
    assert control("validFrom", {"validFrom": ""}) == "validFrom"
    assert control("types", {}) == "types"


def test_sentences_of_services_and_of_unknown_fields_stay() -> None:
    assert said("purpose", "x", "用途不清楚。", code="subscriptions.purpose") == "用途不清楚。"
    assert said("other", "string.min_len", "至少填写 1 个字。") == "至少填写 1 个字。"
