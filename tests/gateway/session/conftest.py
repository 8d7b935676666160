"""Gateway and issuer in one process on a real database; browsers that speak to both, no socket but the database's."""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from obstore.store import MemoryStore

from deploy.keycloak.demo_realm import otp_key, strict_realm
from gateway.application import application
from gateway.caller import SignedCaller
from gateway.calling import Calling
from gateway.health import Health
from gateway.posts.accounts import disable
from gateway.posts.domain import Post, changed, revoke
from gateway.posts.store import Posts
from gateway.session.oidc import Provider
from gateway.session.routes import SignOn
from gateway.session.sessions import HEADER, Sessions
from gateway.session.store import SessionRows
from gateway.tokens import Keys, Tokens, fetch_keys
from gateway.uploads.files import Files
from gateway.uploads.routes import upload_routes, uploads_of
from kit.acting import Actor
from kit.calendar import Moment
from kit.call import Call, enter
from kit.database import Database
from kit.embedded.issuer import issuer_app
from kit.embedded.issuer.factors import code_at, periods_now
from kit.embedded.sign_in import fill_in, open_browser
from kit.identity import Minter, system
from kit.ids import uuid7
from kit.outbox import Doorbell
from kit.recent import Recent
from kit.regions import hainan
from kit.secrets import Keyring
from kit.settings import settings
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Access
from proto.gen.minzheng.posts.v1.posts_pb import DisableAccountRequest, DisableAccountResponse
from tests.conftest import Workload

GATEWAY, ISSUER = "http://127.0.0.1:8080", "http://127.0.0.1:8081"
PASSWORD = "demo-Minzheng-2026"
KEYRING = Keyring({1: b"f" * 32}, {1: b"i" * 32}, {1: b"a" * 32})
OWN_PAGE = {"sec-fetch-site": "same-origin", "origin": GATEWAY}
CLERK, LEAD, RESIDENT = "clerk.datong", "lead.datong", "resident.datong"
STREET, COUNTY = "460106004000", "460106000000"
ONE, TWO = "018f3c5e-7b1a-7c3d-9e2f-000000000001", "018f3c5e-7b1a-7c3d-9e2f-000000000002"
FORM_VALUE = re.compile(r'name="form_value" value="([0-9a-f]{66})"')


class Services:
    """The services behind the gateway: remember who called and answer with nothing."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, str]] = []

    async def call(self, rpc: Any, wire: bytes, metadata: Any) -> Any:
        self.calls.append((rpc, dict(metadata)["authorization"].removeprefix("Bearer ")))
        return rpc.response()


class Net(httpx.AsyncBaseTransport):
    """Both addresses; counts, and may be cut from the issuer."""

    def __init__(self) -> None:
        self.apps: dict[int, httpx.ASGITransport] = {}
        self.cut = False
        self.seen: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if self.cut and request.url.port == 8081:
            raise httpx.ConnectError("cut")
        return await self.apps[request.url.port or 80].handle_async_request(request)


@dataclass
class World:
    """The gateway, the issuer and what stands behind."""

    database: Database
    folder: Path
    realm: dict[str, Any]
    net: Net = field(default_factory=Net)
    services: Services = field(default_factory=Services)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    spent: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        file = self.folder / "realm.json"
        file.write_text(json.dumps(self.realm), encoding="utf-8")
        issuer = issuer_app(file, self.folder, ISSUER, profile="test", transport=self.net)
        self.unit = Unit(self.database, Doorbell(), KEYRING)
        self.posts, self.rows = Posts(self.database, self.unit), SessionRows(self.unit)
        self.http = httpx.AsyncClient(transport=self.net)
        url, key = f"{ISSUER}/realms/minzheng", settings().secret("internal_key.pem")
        tokens = Tokens(url, "minzheng-api", Keys(fetch_keys(url, self.http)))
        provider = Provider(
            url, "minzheng-portal", "demo-only-minzheng-portal", f"{GATEWAY}/sign-in/callback",
            tokens, self.http,
        )  # fmt: skip
        self.sessions = Sessions(self.rows, provider, KEYRING, GATEWAY)
        self.caller = SignedCaller(tokens, self.posts, Minter.from_pem(key), self.sessions)
        files = Files(self.database, MemoryStore(), KEYRING)
        self.routes = [
            *SignOn(self.caller, self.sessions, Calling(self.caller, self.services)).routes(),
            *upload_routes(uploads_of(self.caller.account, files), files),
        ]
        app = application(self.caller, self.services, Health(_nothing), Recent(), self.routes)
        self.net.apps = {8080: httpx.ASGITransport(app), 8081: httpx.ASGITransport(issuer)}

    async def browser(self) -> "Browser":
        """A browser without any cookie."""
        client = await self.stack.enter_async_context(open_browser(self.net, GATEWAY))
        return Browser(self, client)

    async def hold(self, account: str, role: str, region: str, post_id: str) -> None:
        """Give an account a post."""
        enter(Call(system("gateway"), "test", Access(action="test")))
        holdings, moment = await self.posts.held(account)
        post = post_of(account, role, region, post_id, moment)
        await self.posts.save(changed(post, holdings), moment)

    async def revoke(self, account: str, post_id: str) -> None:
        """Take a post back, as a security administrator does."""
        enter(Call(system("gateway"), "test", Access(action="test")))
        holdings, moment = await self.posts.held(account)
        post = holdings.find(post_id)
        assert post is not None
        outcome = revoke(holdings, post, Actor("sec-admin"), "调离", moment)
        await self.posts.save(outcome, moment)

    async def disable(self, account: str) -> None:
        """Disable an account, as a security administrator does."""
        enter(Call(system("gateway"), "test", Access(action="test")))
        holdings, moment = await self.posts.held(account)
        request = DisableAccountRequest(account=account, request_id=str(uuid7()), reason="离职")
        standing = disable(holdings, Actor("sec-admin"), request.reason)
        await self.posts.stand(standing, moment, request, DisableAccountResponse())

    async def age(self, **minutes: int) -> None:
        """Make every session older, by column."""
        for column, count in minutes.items():
            await self.database.pool.execute(
                f"UPDATE session SET {column} = {column} - interval '{count} minutes'"
            )

    async def count(self) -> int:
        """Sessions there are."""
        return int(await self.database.pool.fetchval("SELECT count(*) FROM session"))

    def account(self, username: str) -> str:
        """Account of a person."""
        return str(next(u["id"] for u in self.realm["users"] if u["username"] == username))

    def code(self, username: str) -> str:
        """A one-time code that was not used yet."""
        period = next(one for one in periods_now() if (username, one) not in self.spent)
        self.spent.add((username, period))
        return code_at(otp_key(username).encode(), period)


@dataclass
class Browser:
    """A browser at the gateway, following redirects by hand as one does."""

    world: World
    client: httpx.AsyncClient

    @property
    def cookie(self) -> str:
        """The session's cookie; empty without."""
        return next((c.value or "" for c in self.client.cookies.jar if c.name == "__Host-sid"), "")

    async def follow(self, answer: httpx.Response) -> httpx.Response:
        """To where redirects lead."""
        for _ in range(9):
            if not answer.is_redirect:
                return answer
            answer = await self.client.get(answer.url.join(answer.headers["location"]))
        raise AssertionError("redirects without end")

    async def sign_in(
        self, username: str, path: str = "/sign-in?next=/sign-in/post"
    ) -> httpx.Response:
        """Sign in by the pages; the page it ends at."""
        page = await self.follow(await self.client.get(path))
        otp: Callable[[], str] = lambda: self.world.code(username)  # noqa: E731
        return await self.follow(await fill_in(self.client, page, username, PASSWORD, otp))

    async def form_value(self) -> str:
        """The hidden value of this session's forms."""
        found = FORM_VALUE.search((await self.client.get("/sign-in/post")).text)
        return found[1] if found else ""

    async def headers(self) -> dict[str, str]:
        """What a page's own script sends along."""
        return OWN_PAGE | {HEADER: await self.form_value()}

    async def submit(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of our own page."""
        data = {"form_value": await self.form_value()} | fields
        return await self.client.post(path, data=data, headers=OWN_PAGE)

    async def who(self) -> httpx.Response:
        """Who a page's script is told it is."""
        return await self.client.get("/api/v1/session")


async def _nothing() -> None:
    return None


def post_of(account: str, role: str, region: str, post_id: str, moment: Moment) -> Post:
    """A post in force."""
    path = hainan().get(region).path
    return Post(
        post_id, account, role, region, path, moment.today, "first", moment.at,
        confirmed_at=moment.at, confirmed_by="second",
    )  # fmt: skip


@pytest.fixture
async def world(workload: Workload, issuer_folder: Path) -> AsyncIterator[World]:
    """Gateway and issuer under the realm of production."""
    found = World(await workload("gateway"), issuer_folder, strict_realm())
    yield found
    await found.stack.aclose()
    await found.http.aclose()


@pytest.fixture
async def browser(world: World) -> Browser:
    """A browser."""
    return await world.browser()


@pytest.fixture
async def clerk(world: World) -> str:
    """The clerk's account, with one post."""
    account = world.account(CLERK)
    await world.hold(account, "TOWN_CLERK", STREET, ONE)
    return account


@pytest.fixture
async def double(world: World, clerk: str) -> str:
    """The clerk's account, with two posts."""
    await world.hold(clerk, "COUNTY_CLERK", COUNTY, TWO)
    return clerk
