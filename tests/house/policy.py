"""docs/policy.md: which duty of the policy has which acceptance test.

    python -m tests.house.policy      # writes docs/policy.md

Only tests in tests/stories/ and tests/portal/ count: they use the public API or the pages of a whole platform.
"""

import ast
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "tests/stories/data/policy_traceability.csv"
DOCUMENT = ROOT / "docs/policy.md"
HEAD = """# Policy duties and their acceptance tests

Written by `make pages` from the table of duties (琼民通〔2021〕34号) and the tests in `tests/stories/` and `tests/portal/`. A duty counts when an acceptance test through the public API or in a browser carries its id; the rest is not done yet and not claimed.

"""


def duties() -> list[dict[str, str]]:
    """The table."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


FOLDERS = (ROOT / "tests/stories", ROOT / "tests/portal")


def claims(folders: Sequence[Path] = FOLDERS) -> Iterator[tuple[str, str]]:
    """(duty, test) of every `@pytest.mark.policy(...)`."""
    for file in sorted(file for folder in folders for file in folder.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for mark in node.decorator_list:
                    for duty in _duties(mark):
                        yield duty, f"{file.relative_to(ROOT)}::{node.name}"


def _duties(mark: ast.expr) -> list[str]:
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.policy":
        return [str(argument.value) for argument in mark.args if isinstance(argument, ast.Constant)]
    return []


def document() -> str:
    """The whole page."""
    tests: dict[str, list[str]] = {}
    for duty, test in claims():
        tests.setdefault(duty, []).append(test)
    rows = duties()
    lines = [f"{len(tests)} of {len(rows)} duties have an acceptance test.", ""]
    lines += ["| duty | policy | owner | check | test |", "|---|---|---|---|---|"]
    for row in rows:
        found = (
            "<br>".join(
                f"[`{t.partition('::')[2]}`](../{t.partition('::')[0]})"
                for t in tests.get(row["id"], [])
            )
            or "-"
        )
        lines.append(
            f"| {row['id']} | {row['policy_point']} | {row['owner']} | {row['acceptance_check']} | {found} |"
        )
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
