"""What a text of a message is."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """Subject and body with `{placeholders}`."""

    name: str
    version: int
    subject: str
    body: str

    def render(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Subject and body; KeyError names a placeholder without value."""
        return self.subject.format_map(values), self.body.format_map(values)
