"""Every overlay keeps every rule."""

import pytest

from tests.k8s.lists import ON_ALL, ON_PRODUCTION
from tests.k8s.rendering import OVERLAYS, PRODUCTION, overlay
from tests.k8s.rules import ON_PODS, Rule


@pytest.mark.parametrize("name", OVERLAYS)
@pytest.mark.parametrize("rule", [*ON_PODS, *ON_ALL], ids=lambda rule: rule.__name__)
def test_an_overlay_keeps(rule: Rule, name: str) -> None:
    assert list(rule(overlay(name))) == []


@pytest.mark.parametrize("name", PRODUCTION)
@pytest.mark.parametrize("rule", ON_PRODUCTION, ids=lambda rule: rule.__name__)
def test_a_province_keeps(rule: Rule, name: str) -> None:
    assert list(rule(overlay(name))) == []
