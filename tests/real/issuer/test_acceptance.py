"""The acceptance script of the issuer on Keycloak: the very same tests as on the embedded one."""

from tests.kit.issuer.test_acceptance import *  # noqa: F403
from tests.kit.issuer.test_guessing import *  # noqa: F403
from tests.kit.issuer.test_logout import *  # noqa: F403
from tests.kit.issuer.test_second_factor import *  # noqa: F403
