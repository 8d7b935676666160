"""What the published document offers, and what of it was answered how."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

Seen = dict[tuple[str, str], set[int]]


@dataclass
class Recorder:
    """Statuses by operation of the published document, as they went over the wire."""

    operations: list[tuple[str, str]]
    seen: Seen = field(default_factory=dict)

    async def note(self, response: httpx.Response) -> None:
        """Remember an answer."""
        found = self.operation(response.request.method, response.request.url.path)
        if found:
            self.seen.setdefault(found, set()).add(response.status_code)

    def operation(self, method: str, path: str) -> tuple[str, str] | None:
        """The operation of a request; literal paths before those with variables."""
        for known, template in sorted(self.operations, key=lambda one: one[1].count("{")):
            pattern = re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(template))
            if known == method and re.fullmatch(pattern, path):
                return known, template
        return None


def operations(document: dict[str, Any]) -> list[tuple[str, str]]:
    """(METHOD, path) of everything the document publishes."""
    return [
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if method in ("get", "put", "post", "delete")
    ]


def load(text: str) -> Any:
    """JSON, or nothing for a body that is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None
