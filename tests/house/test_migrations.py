"""New migrations hold nobody up; the rule finds what would."""

import pytest

from kit.database import OUTSIDE
from tests.house.migrations import findings, judged, told


def test_new_migrations_hold_nobody_up() -> None:
    assert list(findings(judged())) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("ALTER TABLE a ADD CONSTRAINT c CHECK (x > 0);", "constraint-missing-not-valid"),
        ("CREATE INDEX i ON a (x);", "require-concurrent-index-creation"),
        ("ALTER TABLE a DROP COLUMN x;", "ban-drop-column"),
        ("ALTER TABLE a RENAME COLUMN x TO y;", "renaming-column"),
    ],
)
def test_what_holds_people_up_is_found(text: str, rule: str) -> None:
    assert any(rule in line for line in told(text))


def test_an_index_made_apart_is_none() -> None:
    text = "DROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX CONCURRENTLY i ON a (x);\n"
    assert told(f"{OUTSIDE}\n{text}") == []
