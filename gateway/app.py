"""The gateway's process: HTTP before the services, its own rooms (posts, subscriptions) beside it.

Run it with `minzheng serve gateway`.
"""

import asyncio
import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from gateway import certificate, integrations, subscriptions
from gateway.application import application
from gateway.caller import SignedCaller
from gateway.calling import Calling
from gateway.channels import Channels
from gateway.health import Health
from gateway.portal import aside, saved
from gateway.portal.aside import Asides
from gateway.portal.saved import SavedFilters
from gateway.posts.holders import SEALED as HOLDERS
from gateway.posts.holders import forgetting
from gateway.posts.reactions import reactions as post_reactions
from gateway.posts.rpc import PostsRpc
from gateway.posts.store import Posts
from gateway.session.oidc import Provider
from gateway.session.reactions import reactions as session_reactions
from gateway.session.routes import CALLBACK, SignOn
from gateway.session.rpc import SessionsRpc
from gateway.session.sessions import Sessions
from gateway.session.store import END_ALL, SEALED, SessionRows, tidying
from gateway.subscriptions.publishing import AGAIN, PUBLISHED
from gateway.subscriptions.store.feed import LEAP
from gateway.subscriptions.store.subscriptions import SEALED as SECRETS
from gateway.tokens import Keys, Tokens, fetch_keys, issuer_client
from gateway.uploads.files import NEEDED, Files
from gateway.uploads.files import SEALED as UPLOADS
from gateway.uploads.routes import offering, tending, upload_routes, uploads_of
from kit import telemetry
from kit.embedded import ready
from kit.files import file_store
from kit.identity import Minter
from kit.log.port import Log
from kit.operations.gauges import Measure, backups
from kit.reactions import Reaction
from kit.server import Host, Runtime, Service, Servicer, Worker, run, started, stop_signal
from kit.settings import IDLE_SECONDS, settings
from kit.timers import Timer

log = logging.getLogger(__name__)
DRAIN_SECONDS = 20
BACKLOG = 2048


def servicers(runtime: Runtime) -> Sequence[Servicer]:
    """The gateway's own RPCs."""
    posts = Posts(runtime.database, runtime.unit)
    sessions = SessionsRpc(SessionRows(runtime.unit), posts, runtime.unit)
    return (PostsRpc(posts, runtime.unit), sessions, *subscriptions.servicers(runtime))


def reactions(runtime: Runtime) -> Sequence[Reaction]:
    """What the gateway does about facts."""
    return (
        *post_reactions(runtime),
        *session_reactions(runtime),
        *subscriptions.reactions(runtime),
        *integrations.reactions(runtime),
    )


def workers(runtime: Runtime, log: Log) -> Sequence[Worker]:
    """What goes to departments and to people."""
    return (*subscriptions.workers(runtime, log), *integrations.workers(runtime))


def gauges(runtime: Runtime) -> Sequence[Measure]:
    """How departments and far ends are reached; when a backup was made."""
    return (*subscriptions.gauges(runtime), *integrations.gauges(runtime), backups)


def timers(runtime: Runtime) -> Sequence[Timer]:
    """What becomes due here."""
    return (
        *tending(Files(runtime.database, file_store(), runtime.keyring)),
        tidying(SessionRows(runtime.unit)),
        aside.tidying(Asides(runtime.unit)),
        saved.forgetting(SavedFilters(runtime.unit)),
        forgetting(runtime.database),
    )


GATEWAY = Service(
    "gateway",
    servicers=servicers,
    reactions=reactions,
    timers=timers,
    workers=workers,
    gauges=gauges,
    sealed=(SEALED, SECRETS, HOLDERS, aside.SEALED, UPLOADS, saved.SEALED),
    published=PUBLISHED,
    again=(AGAIN,),
    restored=(END_ALL, LEAP),
    files=(NEEDED,),
    read_side="公开动态的位置和编号已发给部门，重建会再次通知各部门；岗位由本处决定"
    " departments hold positions and ids of the feed: made anew it would be told to them again;"
    " posts are decided here",
)


class HttpServer(uvicorn.Server):
    """uvicorn inside our loop: our signals, and an event once it listens."""

    def __init__(self, app: ASGIApp) -> None:
        chain, key = certificate.files()
        super().__init__(
            uvicorn.Config(
                app,
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=IDLE_SECONDS,
                timeout_graceful_shutdown=DRAIN_SECONDS,
                ssl_certfile=chain,
                ssl_keyfile=key,
            )
        )
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the process's own."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.listening.set()


def listener() -> socket.socket:
    """The socket of HTTP; OSError where the port is taken."""
    host, port = settings().http_host, settings().http_port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def sessions_of(runtime: Runtime) -> Sessions:
    """Sessions by the settings' issuer; reads the secret file sign_on_client_secret."""
    config, http = settings(), issuer_client()
    tokens = Tokens(config.issuer, config.audience, Keys(fetch_keys(config.issuer, http)))
    url = config.public_url.rstrip("/")
    secret = config.secret("sign_on_client_secret")
    provider = Provider(
        config.issuer, config.sign_on_client, secret, f"{url}{CALLBACK}", tokens, http
    )
    return Sessions(SessionRows(runtime.unit), provider, runtime.keyring, url)


async def application_of(
    host: Host, sessions: Sessions, channels: Channels, health: Health
) -> ASGIApp:
    """The application of this process; reads the secret file internal_key.pem."""
    runtime = host.runtime
    files = Files(runtime.database, file_store(), runtime.keyring)
    caller = SignedCaller(
        sessions.provider.access,
        Posts(runtime.database, runtime.unit),
        Minter.from_pem(settings().secret("internal_key.pem")),
        sessions,
    )
    uploads = uploads_of(caller.account, files)
    calls = offering(channels, files)
    sign_on = SignOn(caller, sessions, Calling(caller, calls))
    routes = [*sign_on.routes(), *upload_routes(uploads, files)]
    # A second of work and more, beside which the workers of this process must not wait.
    parts = caller, calls, health, host.requests, routes, uploads.take, files.named
    return await asyncio.to_thread(application, *parts)


async def serve() -> None:
    """Serve until told to stop; then HTTP ends first, the rooms after it."""
    stop = stop_signal()
    host = await started(GATEWAY, stop)
    if host is None:
        return
    channels = Channels()
    try:
        await serve_http(host, channels, stop)
    finally:
        await channels.close()
        await host.stop()


async def serve_http(host: Host, channels: Channels, stop: asyncio.Event) -> None:
    """Accept HTTP until `stop`; an HTTP server or background task that dies ends the process."""
    pool = host.runtime.database.pool
    health = Health(lambda: pool.fetchval("SELECT 1"))
    sessions = sessions_of(host.runtime)
    app = await application_of(host, sessions, channels, health)
    server = HttpServer(app)
    host.spawn(sessions.provider.keys.follow(host.stopping))
    serving = asyncio.create_task(server.serve([listener()]))
    watching = asyncio.create_task(host.watch(stop))
    listening = asyncio.create_task(server.listening.wait())
    try:
        await asyncio.wait({listening, serving, watching}, return_when=asyncio.FIRST_COMPLETED)
        if listening.done():
            health.started = True
            if server.config.ssl is not None:
                host.spawn(certificate.follow(server.config.ssl, host.stopping))
            ready.notify()
            log.info("gateway serves")
        await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        health.draining = True
        server.should_exit = True
        await serving
        listening.cancel()
        watching.cancel()
    if watching.done() and not watching.cancelled():
        watching.result()


def main() -> None:
    """Run the gateway; blocks until SIGTERM or SIGINT."""
    telemetry.start("gateway")
    run(serve())
