"""Keycloak under the acceptance script."""

import pytest

from tests.kit.issuer.conftest import Issuer
from tests.platform import Platform


@pytest.fixture
def issuer(platform: Platform) -> Issuer:
    """The platform's Keycloak."""
    return Issuer(platform.environment["MINZHENG_ISSUER"])
