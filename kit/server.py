"""One process of a workload: RPC, relay, reactions and timers in one loop, drained in order."""

import asyncio
import importlib
import logging
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_health.v1.health_pb2 import HealthCheckResponse

from kit import floors, retention, telemetry
from kit.audit import Sealer
from kit.carrier.server import Carrier
from kit.contracts import rpcs
from kit.crash import refuse_in_production
from kit.database import Database
from kit.doors import answer_probes, listen
from kit.drain import ended
from kit.embedded import ready
from kit.identity import Verifier
from kit.interceptor import Door
from kit.log.adapters import open_log
from kit.log.port import Log
from kit.log.topics import keep_making, made
from kit.operations import checks, gauges
from kit.operations.gauges import Measure
from kit.operations.rpc import OperationsRpc
from kit.operations.workload import Workload
from kit.outbox import Doorbell, Relay
from kit.reactions import Reaction
from kit.reactions import run as react
from kit.reactions.rebuild import ReadSide
from kit.recent import Recent
from kit.rotation import Sealed
from kit.secrets import Keyring, follow
from kit.settings import settings
from kit.timers import Timer, keep
from kit.unit import Unit
from kit.waiting import migrated

log = logging.getLogger(__name__)
Worker = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Work beside the calls, for as long as the process lives; ends when the event is set."""
GRACE = 20.0
HEALTH = ("", "readiness", "liveness")
"""Names under which health is told: started, takes calls, lives."""
OPTIONS = [
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    ("grpc.max_connection_age_ms", 120_000),
    ("grpc.max_connection_age_grace_ms", 30_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
]


class Servicer(Protocol):
    """A generated servicer."""

    def add_to_server(self, server: Any) -> None:
        """Register its handlers."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the rooms of a service are built with."""

    database: Database
    unit: Unit
    keyring: Keyring


@dataclass(frozen=True, slots=True)
class Service:
    """A service as its `service.py` declares it."""

    name: str
    servicers: Callable[[Runtime], Sequence[Servicer]]
    reactions: Callable[[Runtime], Sequence[Reaction]] = lambda _: ()
    timers: Callable[[Runtime], Sequence[Timer]] = lambda _: ()
    workers: Callable[[Runtime, Log], Sequence[Worker]] = lambda _, __: ()
    sealed: tuple[Sealed, ...] = ()
    """Its encrypted columns."""
    published: Mapping[str, str] = field(default_factory=dict)
    """Public topics it writes beside its facts, and what the log does with what is old: `delete` or
    `compact`."""
    front: bool = False
    """People wait for its answers: it is first to have room where machines are lost."""
    gauges: Callable[[Runtime], Sequence[Measure]] = lambda _: ()
    """What it measures of its own work."""
    again: tuple[str, ...] = ()
    """Statements after which it sends anew what it writes to the log beside its facts."""
    restored: tuple[str, ...] = ()
    """Statements that make good what an earlier second of its database says of the world outside."""
    files: tuple[str, ...] = ()
    """Statements that name the files (`path`) which its rows need and nothing makes again."""
    read_side: ReadSide | str = "此处没有仅由事件构成的数据 nothing here is built from facts alone"
    """What `minzheng rebuild` makes anew, or why there is nothing of the kind."""

    def all_reactions(self, runtime: Runtime) -> Sequence[Reaction]:
        """What every workload does about facts, then its own."""
        return (*floors.reactions(), *self.reactions(runtime))


@dataclass
class Host:
    """A running workload; the gateway hosts its own rooms with it too."""

    service: Service
    runtime: Runtime
    log: Log
    server: grpc.aio.Server
    carrier: Carrier
    health: HealthServicer
    requests: Recent
    """HTTP requests of the last minutes, where the process takes any."""
    probes: grpc.aio.Server | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    async def start(cls, service: Service) -> "Host":
        """Open the database, listen, start relay, reactions and timers; ready when this returns."""
        rpcs()
        refuse_in_production()
        refuse_embedded()
        await migrated(service.name)
        database = await Database.open(service.name)
        await refuse_moved_clock(database)
        doorbell = Doorbell()
        keyring = Keyring.load()
        runtime = Runtime(database, Unit(database, doorbell, keyring), keyring)
        events = await open_log(workload=service.name)
        known = floors.Floors(database)
        await known.refresh()
        door = _door(service, runtime.unit, known)
        server, carrier = _server(door), Carrier(door)
        host = cls(service, runtime, events, server, carrier, HealthServicer(), Recent())
        if not await made(events):
            host.spawn(keep_making(events, host.stopping))
        relay = Relay(service.name, database, events, doorbell)
        reactions = service.all_reactions(runtime)
        told = Workload(
            runtime.unit,
            events,
            reactions,
            database.kept,
            door.recent,
            host.requests,
            leads=lambda: relay.leading,
        )
        await host._listen(OperationsRpc(told))
        host.spawn(gauges.watch(told, service.gauges(runtime), host.stopping))
        host.spawn(follow(keyring, host.stopping))
        host.spawn(known.run(host.stopping))
        host.spawn(Sealer(database, keyring, runtime.unit.seals).run(host.stopping))
        host.spawn(relay.run(host.stopping))
        host.spawn(
            react(service.name, database, events, reactions, stop=host.stopping, doorbell=doorbell)
        )
        for timer in host._timers():
            host.spawn(keep(timer, database, host.stopping))
        for worker in service.workers(runtime, events):
            host.spawn(worker(host.stopping))
        return host

    def _timers(self) -> Sequence[Timer]:
        """What every workload does in time, then its own."""
        database, keyring = self.runtime.database, self.runtime.keyring
        kept = (retention.timer(database), checks.timer(database, keyring))
        return (*kept, *self.service.timers(self.runtime))

    async def _listen(self, operations: OperationsRpc) -> None:
        for servicer in (*self.service.servicers(self.runtime), operations):
            servicer.add_to_server(self.server)
            servicer.add_to_server(self.carrier)
        self.carrier.add_to_server(self.server)
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self.server)
        listen(self.server, self.service.name)
        await self.server.start()
        self.probes = await answer_probes(self.health)
        for name in HEALTH:
            await self.health.set(name, HealthCheckResponse.SERVING)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run in the background until `stopping`; where it dies the process ends."""
        self.tasks.append(asyncio.create_task(work))

    async def stop(self) -> None:
        """Drain: no new calls, running ones end, relay and reactions finish, pools close; none for ever."""
        await self.health.set("readiness", HealthCheckResponse.NOT_SERVING)
        # Both in one step: clients learn that the server goes before their streams end.
        self.carrier.drain()
        await self.server.stop(GRACE)
        self.stopping.set()
        await ended(self.tasks)
        await self.log.close()
        await self.runtime.database.close()
        if self.probes is not None:
            await self.probes.stop(None)

    async def watch(self, stop: asyncio.Event) -> None:
        """Return when asked to stop; a background task that dies ends the process."""
        waiting = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait({waiting, *self.tasks}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        for task in done - {waiting}:
            task.result()


def refuse_embedded() -> None:
    """Production refuses the parts of the one-command run: its own log and sign-on (RuntimeError)."""
    config = settings()
    chosen = {"events": config.events, "sign_on": config.sign_on}
    wrong = [name for name, kind in chosen.items() if kind == "embedded"]
    if wrong and config.profile == "production":
        needed = " and ".join(wrong)
        raise RuntimeError(f"production needs a real {needed}: MINZHENG_{wrong[0].upper()}")


async def refuse_moved_clock(database: Database) -> None:
    """Production refuses to start with a business clock that was moved (RuntimeError)."""
    shift = await database.pool.fetchval("SELECT shift_days FROM kit.clock")
    if shift and settings().profile == "production":
        raise RuntimeError(f"the business clock of {database.workload} was moved by {shift} days")


def _door(service: Service, unit: Unit, known: floors.Floors) -> Door:
    keys = settings().secret("internal_keys.json")
    return Door(Verifier.from_json(service.name, keys), unit, known.lowest)


def _server(door: Door) -> grpc.aio.Server:
    return grpc.aio.server(interceptors=(door,), options=OPTIONS, maximum_concurrent_rpcs=256)


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def started(service: Service, stop: asyncio.Event) -> Host | None:
    """The running workload; None when it was told to stop before it was ready."""
    starting = asyncio.create_task(Host.start(service))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if starting.done():
        return starting.result()
    starting.cancel()
    return None


async def serve(service: Service) -> None:
    """Run a service until it is told to stop."""
    stop = stop_signal()
    host = await started(service, stop)
    if host is None:
        return
    ready.notify()
    log.info("%s serves", service.name)
    try:
        await host.watch(stop)
    finally:
        await host.stop()


def main(name: str) -> None:
    """Run the service `services/<name>`; blocks until SIGTERM or SIGINT."""
    telemetry.start(name)
    service: Service = importlib.import_module(f"services.{name}.service").SERVICE
    run(serve(service))


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run the process's one coroutine on uvloop and flush its telemetry."""
    import uvloop

    try:
        uvloop.run(work)
    finally:
        telemetry.stop()
