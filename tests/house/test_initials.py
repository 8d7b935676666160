"""Places are found by the initials of the names there are."""

from tests.house.initials import FILE, written


def test_the_table_is_fresh() -> None:
    assert FILE.read_text(encoding="utf-8") == written(), "run make initials"
