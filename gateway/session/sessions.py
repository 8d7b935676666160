"""A browser's session at work: found by its cookie, held to its limits, refreshed, moved, ended."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from starlette.requests import Request

from gateway.session import cookies
from gateway.session.domain import SAFE, Session, by_clock, from_own_page
from gateway.session.oidc import Granted, Provider
from gateway.session.store import Found, SessionRows
from kit.errors import Kind, Refusal, forbidden
from kit.ids import uuid7
from kit.secrets import Keyring

HEADER = "Minzheng-Form"
"""Carries the form value of a session in calls by script."""
SOURCE = "HX-Source"
"""Says which element of a page asks: its tag and id."""


@dataclass(frozen=True)
class Sessions:
    """Sessions of one gateway."""

    rows: SessionRows
    provider: Provider
    keyring: Keyring
    origin: str
    """Scheme, host and port of our own pages."""

    async def of(self, request: Request, form_value: str | None = None) -> Found | None:
        """The live session of a request's cookie; None without one.

        Refusal 403 where an unsafe method was not sent by a page of ours; `form_value` is that of
        a form, calls by script carry it in their header.
        """
        value = request.cookies.get(cookies.SESSION, "")
        found = await self.rows.find(cookies.digest_of(value)) if value else None
        if found is None:
            return None
        if not found.session.live(found.now):
            await self.rows.end(found.session, found.now, "over")
            return None
        if request.method not in SAFE:
            self._expect_own_page(request, value, form_value)
        return await self._kept_alive(found, by_clock(request.headers.get(SOURCE, "")))

    def form_value(self, request: Request) -> str:
        """The value that forms and calls of this session carry."""
        return cookies.form_value(self.keyring, request.cookies.get(cookies.SESSION, ""))

    def _expect_own_page(self, request: Request, cookie: str, form_value: str | None) -> None:
        headers = request.headers
        given = headers.get(HEADER, "") if form_value is None else form_value
        own = from_own_page(headers.get("sec-fetch-site"), headers.get("origin"), self.origin)
        if not own or not cookies.fits_form(self.keyring, cookie, given):
            raise cross_site()

    async def _kept_alive(self, found: Found, nobody: bool) -> Found | None:
        session, now = found.session, found.now
        if session.to_note(now) and not nobody:
            await self.rows.note(found.digest)
        if not session.to_refresh(now):
            return found
        tokens = await self.rows.claim_refresh(session)
        if tokens is None:
            return found
        try:
            granted = await self.provider.refresh(tokens.refresh)
        except Refusal as refusal:
            if refusal.kind is not Kind.UNAVAILABLE:
                raise
            return found
        if granted is None or granted.identity.account != session.account:
            await self.rows.end(session, now, "refused by the issuer")
            return None
        assured = granted.identity.assured
        await self.rows.renew(session, granted.tokens, assured, lasting(granted))
        return replace(found, session=replace(session, assured=assured))

    async def open(self, granted: Granted, post: str, at: datetime) -> str:
        """A new session; answers its cookie."""
        value = cookies.new_id()
        session = Session(
            session_id=str(uuid7()),
            account=granted.identity.account,
            post=post,
            assured=granted.identity.assured,
            acr=granted.acr,
            authenticated_at=datetime.fromtimestamp(granted.authenticated, UTC),
            started_at=at,
            seen_at=at,
            confirmed_at=at,
            refresh_at=datetime.fromtimestamp(at.timestamp() + lasting(granted), UTC),
        )
        await self.rows.open(
            session, cookies.digest_of(value), granted.issuer_session, granted.tokens
        )
        return value

    async def move(self, found: Found, post: str) -> str:
        """Act under another post from now on; answers the new cookie, the old one is worth nothing."""
        value = cookies.new_id()
        await self.rows.move(found, cookies.digest_of(value), post)
        return value


def lasting(granted: Granted) -> float:
    """Seconds after which tokens are refreshed: a tenth before they end."""
    return granted.seconds * 0.9


def cross_site() -> Refusal:
    """403: the request was not sent by a page of this site."""
    return forbidden("session.cross_site", "请求不是由本平台页面发出的，已被拒绝；请回到页面重试。")
