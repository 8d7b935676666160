"""Who comes to a page, and whether the page lets them in."""

from dataclasses import dataclass

from starlette.requests import Request

from gateway.caller import VISITOR, SignedCaller, caller_of, title
from gateway.calling import Calls
from gateway.portal.aside import COOKIE, Asides, whose
from gateway.portal.form import VALUE
from gateway.portal.menu import own_menu
from gateway.portal.page import Page
from gateway.portal.saved import SavedFilters
from gateway.portal.visit import RESIDENT, Read, Take, Visit, Who
from gateway.session import cookies
from gateway.session.domain import SAFE, from_own_page
from gateway.session.sessions import cross_site
from gateway.tokens import Identity
from kit.access import no_function
from kit.errors import Kind, Refusal
from kit.identity import unauthenticated
from kit.settings import settings
from proto.gen.minzheng.common.v1.access_pb import Access

NO_POST = "session.no_post"


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Finds out who comes."""

    caller: SignedCaller
    calls: Calls
    take: Take | None = None
    read: Read | None = None

    @property
    def asides(self) -> Asides | None:
        """Keeps forms while a person signs in again."""
        return Asides(self.caller.sessions.rows.unit) if self.caller.sessions else None

    @property
    def saved(self) -> SavedFilters | None:
        """Filters that persons saved."""
        return SavedFilters(self.caller.sessions.rows.unit) if self.caller.sessions else None

    async def admit(self, visit: Visit, page: Page) -> None:
        """Find out who comes. Raises Refusal: 401, 403, and 403 for what another site sent."""
        request = visit.request
        visit.shared, visit.saved = page.shared, self.saved
        if request.method not in SAFE:
            expect_own_page(request)
            await visit.form()
        visit.who = await self.who(request, visit)
        visit.menu = own_menu(visit.role, request.url.path) if visit.who else ()
        admit(page, visit)
        await self.remember(visit)

    async def who(self, request: Request, visit: Visit) -> Who | None:
        """Who is signed in; the session's cookie alone says so, never a header."""
        identity = None
        if request.cookies.get(cookies.SESSION):
            value = visit.sent[VALUE] if visit.sent else None
            identity = await self.caller.by_cookie(request, value)
        request.scope[VISITOR] = identity
        if identity is None or identity.session is None:
            return None
        return await self.signed_in(request, identity)

    async def signed_in(self, request: Request, identity: Identity) -> Who:
        """A person with the post of the session; Refusal 403 until one is chosen."""
        sessions, session = self.caller.sessions, identity.session
        assert sessions is not None
        assert session is not None
        if not session.post:
            raise Refusal(Kind.FORBIDDEN, NO_POST, "请先选择本次办理使用的岗位。")
        holdings, post = await self.caller.chosen(identity, session.post, fresh=False)
        acting = caller_of(holdings, post)
        tokens = await sessions.rows.tokens(session)
        return Who(
            account=identity.account,
            name=tokens.name if tokens else "",
            role=acting.role,
            post=title(post) if post else RESIDENT,
            region=acting.region_code,
            organization_id=acting.organization_id,
            form_value=sessions.form_value(request),
            whose=whose(sessions.keyring, identity.account),
        )

    async def remember(self, visit: Visit) -> None:
        """Give back what was put aside at this page."""
        if visit.who and visit.sent is None and self.asides and COOKIE in visit.request.cookies:
            visit.aside = await self.asides.give(visit.request, visit.who.account, visit.here)
            visit.typed = dict(visit.aside)


def expect_own_page(request: Request) -> None:
    """Refusal 403 unless the browser says that a page of ours sent the form."""
    headers, own = request.headers, settings().public_url.rstrip("/")
    if not from_own_page(headers.get("sec-fetch-site"), headers.get("origin"), own):
        raise cross_site()


def admit(page: Page, visit: Visit) -> None:
    """Refusal 401 or 403 for who has no business at the page."""
    if page.open_to(visit.role):
        return
    raise unauthenticated() if visit.who is None else no_function(Access())
