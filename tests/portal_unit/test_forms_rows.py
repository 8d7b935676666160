"""Rows come and go by buttons of the form, without scripts and without losing a text."""

import pytest

from gateway.portal.forms import changed, show
from gateway.portal.forms.shown import ShownRows
from tests.portal_unit.test_forms import FORM, POSTED


def test_a_row_is_added_and_dropped_and_all_text_stays() -> None:
    done = changed(FORM, [*POSTED, ("rows", "add form.principals")])
    assert done is not None
    texts, focus = done
    assert focus == "form.principals[2].name"
    assert texts["form.principals[1].name"] == ("王乙",)
    assert texts["form.principals[2].position"] == ("负责人",)
    assert texts["form.name"] == (" 大同里社区暖心队　",)
    done = changed(FORM, [*POSTED, ("rows", "drop form.principals[0]")])
    assert done is not None
    texts, focus = done
    assert texts["form.principals[0].name"] == ("王乙",)
    assert "form.principals[1].name" not in texts
    assert focus == "form.principals[0].name"


@pytest.mark.parametrize(
    "order", ["", "add form.name", "add nothing", "drop form.principals[x]", "add " + "a" * 999]
)
def test_other_buttons_change_no_rows(order: str) -> None:
    assert changed(FORM, [*POSTED, ("rows", order)]) is None


def test_no_more_rows_than_the_contract_allows() -> None:
    posted = [(f"form.principals[{at}].name", f"甲{at}") for at in range(20)]
    texts, _ = changed(FORM, [*posted, ("rows", "add form.principals")]) or ({}, "")
    rows = show(FORM, texts)["form.principals"]
    assert isinstance(rows, ShownRows)
    assert (len(rows.rows), rows.full) == (20, True)
