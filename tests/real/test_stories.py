"""Stories on Kafka and Keycloak: the very same tests as on the embedded parts."""

from tests.stories.test_departments import *  # noqa: F403
from tests.stories.test_sign_on import *  # noqa: F403
from tests.stories.test_trace import *  # noqa: F403
