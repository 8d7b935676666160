"""The page of capacity is what the figures of the benchmarks make it."""

import copy
import json

from tests.bench.capacity import MEASURED, PAGE, READ, page


def test_the_page_is_as_computed() -> None:
    assert PAGE.read_text("utf-8") == page(json.loads(MEASURED.read_text("utf-8")))


def test_it_follows_the_figures() -> None:
    told = json.loads(MEASURED.read_text("utf-8"))
    dearer = copy.deepcopy(told)
    for one in dearer["rounds"][READ]:
        one["cpu_ms"]["gateway"] *= 2
    assert page(dearer) != page(told)
