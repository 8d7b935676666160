"""Texts of the messages, versioned: a text is never changed, it gets a next version.

Placeholders are public values of facts, so no template can show personal data.
"""

from collections.abc import Mapping
from types import MappingProxyType

from services.notifications.domain.templates.filing import FILING
from services.notifications.domain.templates.subscriptions import SUBSCRIPTIONS
from services.notifications.domain.templates.template import Template

ALL = (*FILING, *SUBSCRIPTIONS)


def latest() -> Mapping[str, Template]:
    """The version in force of every template."""
    newest: dict[str, Template] = {}
    for template in sorted(ALL, key=lambda one: one.version):
        newest[template.name] = template
    return newest


CURRENT = MappingProxyType(latest())
