"""The SMS gateway: JSON over https, signed, the dispatch's id as the provider's idempotency key.

A text leaves as a template of the provider and its parameter: the subject of the one message, or
how many there are. What a message says in full is read in the inbox.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from gateway.integrations.letter import ACCEPTED, Kind, Letter, Verdict, code
from gateway.integrations.signing import Signer
from gateway.queue.retry_after import retry_after

MOST_SUBJECT = 60
"""Signs of a subject that a template takes."""
PAGE = 100


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider says of a message later."""

    dispatch_id: str
    delivered: bool
    reason: str = ""


class GatewayError(Exception):
    """Receipts could not be read; holds nothing of them."""


@dataclass
class SmsGateway:
    """The client of one provider."""

    url: str
    signer: Signer
    templates: tuple[str, str]
    """For one message, and for several."""
    http: httpx.AsyncClient
    patience: float

    async def send(self, letter: Letter) -> Verdict:
        """Hand a message over."""
        try:
            answer = await self._ask("POST", "/messages", body=self._body(letter))
        except httpx.TimeoutException:
            return Verdict(Kind.TRANSIENT, "TIMEOUT", whole=True)
        except httpx.HTTPError:
            return Verdict(Kind.TRANSIENT, "UNREACHABLE", whole=True)
        return judged(answer)

    def _body(self, letter: Letter) -> bytes:
        one, several = self.templates
        gathered = letter.messages > 1
        said = {"count": str(letter.messages)} if gathered else {"subject": letter.subject}
        body = {
            "requestId": letter.dispatch_id,
            "template": several if gathered else one,
            "params": {name: text[:MOST_SUBJECT] for name, text in said.items()},
            "mobile": letter.address,
        }
        return json.dumps(body, ensure_ascii=False).encode()

    async def receipts(self, after: str) -> tuple[Sequence[Receipt], str]:
        """Receipts behind a cursor, and the next cursor. Raises GatewayError."""
        try:
            answer = await self._ask("GET", "/receipts", {"after": after, "size": str(PAGE)})
            answer.raise_for_status()
            page = answer.json()
            return [_receipt(one) for one in page["receipts"]], str(page["next"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise GatewayError(type(error).__name__) from None

    async def _ask(
        self, method: str, end: str, query: Mapping[str, str] | None = None, body: bytes = b""
    ) -> httpx.Response:
        asked = dict(query or {})
        path = f"{urlsplit(self.url).path.rstrip('/')}{end}"
        headers = self.signer.headers(method, path, asked, body)
        headers["content-type"] = "application/json; charset=utf-8"
        return await self.http.request(
            method, f"{self.url.rstrip('/')}{end}", params=asked, content=body, headers=headers
        )

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()


def judged(answer: httpx.Response) -> Verdict:
    """The class of an answer: what is wrong with us or the gateway is not the letter's fault."""
    status = answer.status_code
    if 200 <= status < 300:
        return ACCEPTED
    if status == 429:
        asked = retry_after(answer.headers.get("retry-after", ""))
        return Verdict(Kind.THROTTLED, "THROTTLED", asked, whole=True)
    if status in (400, 404, 422):
        return Verdict(Kind.PERMANENT, code(_said(answer)))
    if status == 409:
        return Verdict(Kind.TRANSIENT, "IN_FLIGHT")
    asked = retry_after(answer.headers.get("retry-after", ""))
    return Verdict(Kind.TRANSIENT, f"STATUS_{status}", asked, whole=True)


def _said(answer: httpx.Response) -> Any:
    try:
        found = answer.json()
    except ValueError:
        return None
    return found.get("code") if isinstance(found, dict) else None


def _receipt(one: Mapping[str, Any]) -> Receipt:
    delivered = one["state"] == "DELIVERED"
    return Receipt(str(one["requestId"]), delivered, "" if delivered else code(one.get("code")))
