"""The published codes of refusals are those the code refuses with."""

import ast

from tests.house.problem_codes import DOCUMENT, document, of_module, told


def test_the_file_is_in_step() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run make pages"


def test_codes_are_found_where_they_are_made() -> None:
    known = {one.code: one.status for one in told()}
    assert known["filing.same_person"] == 409
    assert known["api.no_such_route"] == 404
    assert known["common.internal"] == 500


def test_a_code_handed_to_a_function_counts() -> None:
    source = """
def expect(code): raise conflict(code, "不行。")
expect("filing.some_code")
"""
    found = list(of_module(ast.parse(source)))
    assert [(one.code, one.status, one.detail) for one in found] == [
        ("filing.some_code", 409, "不行。")
    ]
