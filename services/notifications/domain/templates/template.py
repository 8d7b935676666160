"""What a text of a message is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Weight(Enum):
    """How much a message presses, once it is to leave the platform."""

    INFORMATION = "may be declined, may be gathered"
    DUTY = "the law or a limit asks for it"
    URGENT = "goes at once, by night too"


@dataclass(frozen=True, slots=True)
class Template:
    """Subject and body with `{placeholders}`."""

    name: str
    version: int
    subject: str
    body: str
    weight: Weight = Weight.DUTY

    def render(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Subject and body; KeyError names a placeholder without value."""
        return self.subject.format_map(values), self.body.format_map(values)
