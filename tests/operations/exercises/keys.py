"""Keys in foreign hands, keys grown old, and a certificate about to end."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kit.embedded.apart import free_ports
from kit.embedded.secrets import signing_key
from kit.errors import Refusal
from kit.identity import Caller, Minter, Verifier
from kit.telemetry.signals import CERTIFICATE, KEYS
from proto.gen.minzheng.common.v1.access_pb import Role
from tests.certified import lay
from tests.collector import Collector
from tests.operations.day import Day, Exercise
from tests.platform import Platform

IN_USE = re.compile(r"field: keys .*in use (\d+)")
SOON, LATER = 3, 30
"""Days a certificate has left: fewer than the alert allows, and as many as a new one inside has."""
DAY, OLD = 86_400, 401
"""Seconds; days more than a key may have."""


async def key_leaked(day: Day) -> Exercise:
    """Somebody else has the signing key and a key of fields."""
    folder = day.platform.var / "secrets"
    forger = Minter(signing_key(folder))
    done = Exercise("the signing key and a field key are in foreign hands")
    done.seen("a report by a person: no alert sees it")
    old = await field_key(day)
    await day.command("keys", "rotate-signing", "--leaked")
    await day.command("keys", "rotate", "field")
    verifier = Verifier.from_json("filing", (folder / "internal_keys.json").read_text())
    try:
        verifier.verify(
            forger.mint(Caller("x", Role.SYSTEM), "filing"), path="", body=None, fresh=False
        )
        raise AssertionError("a forged token is taken")
    except Refusal:
        await day.load.live("accept")
    await day.command("keys", "retire", "field", old, "--settled", "0")
    done.mended(
        f"`minzheng keys rotate-signing --leaked`, `rotate field`, `retire field {old}`;"
        " a forged token is refused, people work on"
    )
    return done


async def field_key(day: Day) -> str:
    """The field key in use, as `minzheng keys status` tells."""
    found = IN_USE.search(await day.command("keys", "status"))
    assert found
    return found[1]


@asynccontextmanager
async def at_work(day: Day) -> AsyncIterator[list[str]]:
    """Cases from draft to number while the block runs: those that were filed."""
    filed: list[str] = []
    enough = asyncio.Event()

    async def work() -> None:
        while not enough.is_set():
            filed.append(await day.load.live("accept"))

    async with asyncio.TaskGroup() as group:
        group.create_task(work())
        try:
            yield filed
        finally:
            enough.set()


async def key_rotation(day: Day) -> Exercise:
    """Keys have been in use for longer than the plan says."""
    folder = day.platform.var / "secrets"
    old = await field_key(day)
    made = time.time() - OLD * DAY
    os.utime(folder / f"field_key_{old}", (made, made))
    done = Exercise(f"the field key is {OLD} days old")

    async def told() -> bool:
        readings = (await day.told("filing"))["readings"]
        return any(one["value"] > (OLD - 1) * DAY for one in readings if one["signal"] == KEYS.name)

    await day.until(told, "its age is not told")
    done.seen(f"page /ops, age of the key (alert KeyOld); `minzheng keys status`: field key {old}")
    async with at_work(day) as filed:
        await day.command("keys", "rotate", "field")
        await day.command("keys", "reseal")
        await day.command("keys", "retire", "field", old, "--settled", "0")
        await day.command("keys", "rotate-signing")
        before = len(filed)
    assert await field_key(day) != old
    assert not (folder / f"field_key_{old}").exists()
    await day.load.live("accept")
    await day.command("keys", "retire-signing")
    await day.load.live("accept")
    done.mended(
        "`minzheng keys rotate field`, `reseal`, `retire field`, `rotate-signing`,"
        f" `retire-signing`; {before} cases were filed meanwhile, none failed"
    )
    return done


@contextmanager
def apart(platform: Platform, tls: Path, port: int, told: Collector) -> Iterator[int]:
    """Another notifications process whose door is TLS, as on a cluster; its id."""
    own = {"MINZHENG_TLS": str(tls), "MINZHENG_LISTEN": f"localhost:{port}"}
    command = (sys.executable, "-m", "kit.cli", "serve", "notifications")
    with (platform.var / "apart.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=platform.root,
            env=os.environ | platform.environment | own | told.environment,
            stdout=log,
            stderr=log,
        )
    try:
        yield process.pid
        assert process.poll() is None, "it was restarted"
    finally:
        process.terminate()
        process.wait(30)


def shown(port: int) -> datetime | None:
    """End of the certificate a door shows, by the page's command; None where there is no door."""
    look = f"openssl s_client -connect localhost:{port} </dev/null | openssl x509 -noout -enddate"
    said = subprocess.run(("sh", "-c", look), capture_output=True, text=True, timeout=20).stdout
    if "notAfter=" not in said:
        return None
    text = said.strip().partition("=")[2]
    return datetime.strptime(text, "%b %d %H:%M:%S %Y %Z").replace(tzinfo=UTC)


def left(at: datetime | None) -> float:
    """Days until then; 0 for never."""
    return (at.timestamp() - time.time()) / DAY if at else 0.0


def last_told(collector: Collector) -> float:
    """Days left by the metric that the alert rests on, as it was told last."""
    found = [point for name, point in collector.points() if name == CERTIFICATE.name]
    return left(datetime.fromtimestamp(found[-1].as_double, UTC)) if found else 0.0


async def certificate_expiry(day: Day) -> Exercise:
    """The certificate of a door between machines is about to end."""
    authority, (port,) = day.neighbors.authority, free_ports(1)
    tls = lay(day.platform.var / "tls", authority, "localhost", days=SOON)
    with Collector() as collector, apart(day.platform, tls, port, collector):
        done = Exercise(f"a process whose certificate ends in {SOON} days")

        async def told() -> bool:
            return SOON - 1 < last_told(collector) < SOON + 1

        await day.until(told, "the metric does not tell it")
        found = left(await asyncio.to_thread(shown, port))
        assert SOON - 1 < found < SOON + 1, found
        done.seen(
            f"`{CERTIFICATE.name}` and `openssl s_client`: {found:.0f} days (alert CertificateExpires)"
        )
        lay(tls, authority, "localhost", days=LATER)

        async def renewed() -> bool:
            by_door = left(await asyncio.to_thread(shown, port))
            return by_door > LATER - 1 and last_told(collector) > LATER - 1

        await day.until(renewed, "the new certificate is not taken up")
    done.mended(
        "new file put in its place: the next connection shows it, the metric tells it; nothing restarted"
    )
    return done
