"""Cells say which column they are of; heads, empty and spanning cells are told apart."""

from markupsafe import Markup

from gateway.portal.labels import labelled

HEADS = ("名称", ("件数", "number"), "日期<x>")


def test_each_cell_says_its_column() -> None:
    row = Markup('<tr class="a"><th scope="row">甲</th><td class="number">3</td>\n<td>—</td></tr>')
    assert labelled(row, HEADS) == (
        '<tr class="a"><th scope="row">甲</th><td data-of="件数" class="number">3</td>\n'
        '<td data-of="日期&lt;x&gt;" data-blank>—</td></tr>'
    )


def test_what_spans_columns_has_no_label_and_each_row_begins_anew() -> None:
    rows = Markup('<tr><th>甲</th><td colspan="2">无</td></tr><tr><td>乙</td><td>1</td></tr>')
    assert labelled(rows, HEADS) == (
        '<tr><th>甲</th><td colspan="2">无</td></tr>'
        '<tr><td data-of="名称">乙</td><td data-of="件数">1</td></tr>'
    )
