"""Path templates of `google.api.http` as Starlette paths.

Supported is what the contracts use: literal segments, `{field}`, `{a.b}` and a custom verb
(`/things/{id}:accept`). Wildcards (`*`, `**`, `{a=…}`) refuse to start.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from starlette.convertors import Convertor, register_url_convertor

from kit.contracts import ContractError
from proto.gen.google.api.http_pb import HttpRule

VARIABLE = re.compile(r"\{([a-z0-9_.]+)\}")
METHODS = ("get", "put", "post", "delete", "patch")


class Segment(Convertor[str]):
    """One path segment without a verb: `{id}` must not swallow `1:accept`."""

    regex: ClassVar[str] = "[^/:]+"

    def convert(self, value: str) -> str:
        """The text as it is."""
        return value

    def to_string(self, value: str) -> str:
        """The text as it is."""
        return value


register_url_convertor("segment", Segment())


@dataclass(frozen=True, slots=True)
class Template:
    """A path; its variables are dotted field names by Starlette parameter (which has no dots)."""

    text: str
    variables: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Parse; ContractError for what is not supported."""
        names = VARIABLE.findall(text)
        if "*" in text or text.count("{") != len(names) or not text.startswith("/api/"):
            raise ContractError(f"path template not supported: {text}")
        return cls(text, {name.replace(".", "__"): name for name in names})

    @property
    def path(self) -> str:
        """The path as Starlette reads it."""
        return VARIABLE.sub(lambda found: f"{{{found[1].replace('.', '__')}:segment}}", self.text)

    @property
    def order(self) -> tuple[str, ...]:
        """Sort key that puts literal segments before variables."""
        return tuple("~" + part if part.startswith("{") else part for part in self.text.split("/"))


def binding_of(rule: HttpRule) -> tuple[str, Template]:
    """HTTP method and path of a rule; ContractError for a rule without a plain one."""
    pattern = rule.pattern
    if pattern is None or pattern.field not in METHODS:
        raise ContractError(f"http rule not supported: {rule!r}")
    return pattern.field.upper(), Template.parse(str(pattern.value))
