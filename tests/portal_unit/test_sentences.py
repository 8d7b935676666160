"""Which sentences are read from a source, and with which places."""

import ast

import pytest

from gateway.portal.sentences import LONGEST, Module


def read(source: str, *, phrases: bool = False) -> list[str]:
    return Module(ast.parse(source)).sentences(phrases=phrases)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x('不行了。')", ["不行了。"]),
        ("x(f'至少{n}人，至多{m}人。')", ["至少{0}人，至多{1}人。"]),
        ("TEXTS = {'a': '应在 {0} 至 {1} 之间。', 'b': '尚未达到（{}）。'}", ["应在 {0} 至 {1} 之间。", "尚未达到（{0}）。"]),
        ("x(f\"请{'选择' if y else '填写'}{what}。\")", ["请选择{0}。", "请填写{0}。"]),
        ("def a(n):\n    hint = '改选。' if n else f'重选{n}。'\n    x(f'不行，{hint}')", ["改选。", "重选{0}。", "不行，改选。", "不行，重选{0}。"]),
        ("def a(n):\n    return f'在{n}之上'\nx(f'应{a(3)}。')", ["应在{0}之上。"]),
        ("Problem(413, 'a.b', '请求过大', '请求正文超过 1 MB。')", ["请求过大", "请求正文超过 1 MB。"]),
    ],
)  # fmt: skip
def test_a_sentence_is_read_with_its_places(source: str, found: list[str]) -> None:
    assert read(source) == found


@pytest.mark.parametrize(
    "source",
    [
        "'''说明。'''",
        "x = 1\n'''说明文字。'''",
        "x(_('已保存成功。'))",
        "x('标题')",
        "x(f'{a}。')",
        f"x('{'长' * LONGEST}。')",
    ],
)
def test_what_is_no_sentence_of_a_refusal_is_left(source: str) -> None:
    assert read(source) == []


def test_phrases_count_where_they_go_into_sentences() -> None:
    assert read("x('图片没有结尾')", phrases=True) == ["图片没有结尾"]
