"""The traps of docs/portal.md: each names the test that holds it, and the test is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "portal.md"
ROW = re.compile(r"^\| (P\d\d) \|.*\| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
EVAL = re.compile(r"wait_for_" + r"function|bypass_" + r"csp")
NONE = "none yet"


def test_every_trap_has_a_test() -> None:
    rows = dict(ROW.findall(PAGE.read_text(encoding="utf-8")))
    assert sorted(rows) == [f"P{number:02}" for number in range(1, 21)]
    for trap, told in rows.items():
        named = NAMED.findall(told)
        assert named or told.startswith(NONE), trap
        for file, test in named:
            assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), (trap, test)


def test_no_browser_test_needs_eval() -> None:
    """P10: the content policy forbids it, and the tests run under the policy."""
    files = (ROOT / "tests" / "portal").rglob("*.py")
    assert [file.name for file in files if EVAL.search(file.read_text(encoding="utf-8"))] == []
