"""What is asked of the running containers, one function a promise; AssertionError says which broke."""

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from gateway.demo.client import PASSWORD
from kit.cli.realm import connect
from kit.embedded.hand_out import shares
from kit.embedded.sign_in import fill_in, open_browser
from kit.settings import Settings
from tests.compose.stack import ROOT, Stack, until

DEFAULT_ROUTE = "00000000"
FAILED_TIMER = re.compile('timer .+ failed", "error": "(?!TimeoutError)')
"""While everything starts at once the first round may find no connection in time: the next one does."""
OUTSIDE = frozenset({"gateway", "keycloak"})


def hardened(stack: Stack) -> None:
    """No process has root, a capability or a way to gain one; no container can change its image."""
    for container in stack.running():
        service = container.split("_")[-2]
        status = dict(
            line.split(":\t", 1)
            for line in stack.inside(service, "cat", "/proc/1/status").splitlines()
        )
        assert status["Uid"].split() == ["10001"] * 4, service
        assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0, service
        assert status["NoNewPrivs"].strip() == "1", service
        mounts = [
            line.split() for line in stack.inside(service, "cat", "/proc/mounts").splitlines()
        ]
        [root] = [options for _, place, _, options, *_ in mounts if place == "/"]
        assert "ro" in root.split(","), service


def closed(stack: Stack) -> None:
    """Only the gateway and the sign-on have a way out and a door, on loopback."""
    for container in stack.running():
        service = container.split("_")[-2]
        routes = stack.inside(service, "cat", "/proc/net/route").splitlines()[1:]
        leads_out = any(line.split()[1] == DEFAULT_ROUTE for line in routes)
        assert leads_out == (service in OUTSIDE), f"{service}: {routes}"
        form = "{{json .NetworkSettings.Ports}}"
        ports = json.loads(stack.run("podman", "inspect", "--format", form, container)) or {}
        hosts = {row["HostIp"] for rows in ports.values() for row in rows or ()}
        assert hosts == ({"127.0.0.1"} if service in OUTSIDE else set()), f"{service}: {ports}"


def own_secrets(stack: Stack) -> None:
    """Each process reads its own secrets and nobody else's."""
    for service, patterns in shares(Settings()).items():
        found = stack.inside(service, "ls", "/run/secrets").split()
        assert found, service
        strange = [name for name in found if not any(fnmatchcase(name, one) for one in patterns)]
        assert strange == [], f"{service}: {strange}"


def stories(environment: Mapping[str, str], operator: tuple[str, ...], *more: str) -> None:
    """The demo through the published door, compared with the same files as everywhere."""
    command = (sys.executable, "-m", "kit.cli", "demo", "--through", shlex.join(operator), *more)
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    assert done.stdout.count("符合") == 4, done.stdout[-2000:]


def punctual(stack: Stack) -> None:
    """No timer failed for want of something: each process can read what its timers need."""
    for service in stack.ours:
        failed = [line for line in stack.log(service).splitlines() if FAILED_TIMER.search(line)]
        assert not failed, (service, failed[0][:500])


def signed_off(stack: Stack) -> None:
    """A browser's session ends when the sign-on says so: both reach each other by their names."""
    asyncio.run(_visit(stack))


async def _visit(stack: Stack) -> None:
    admin = connect(
        Settings(
            issuer=stack.environment["MINZHENG_ISSUER"],
            secrets=Path(stack.environment["MINZHENG_SECRETS"]) / "operator",
        )
    )
    async with open_browser(base_url=stack.url) as browser:
        page = await browser.get("/sign-in")
        while page.is_redirect:
            page = await browser.get(page.url.join(page.headers["location"]))
        page = await fill_in(browser, page, "clerk.datong", PASSWORD)
        while page.is_redirect:
            page = await browser.get(page.url.join(page.headers["location"]))
        mine = await browser.get("/api/v1/my/posts")
        assert mine.is_success, mine.text
        admin.user_logout(admin.get_user_id("clerk.datong"))
        for _ in range(100):
            if (await browser.get("/api/v1/my/posts")).status_code == 401:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("the session outlives the sign-off")


def outlives(stack: Stack) -> None:
    """A database that goes and comes back finds every process waiting, and none is started anew."""
    before = {name: stack.run("podman", "inspect", "--format", "{{.State.Pid}}", stack.container(name)) for name in stack.ours}  # fmt: skip
    stack.run("podman", "restart", "--time", "20", stack.container("postgres"))
    for name in stack.ours:
        until(name, lambda name=name: stack.probes(name))  # type: ignore[misc]
    after = {name: stack.run("podman", "inspect", "--format", "{{.State.Pid}}", stack.container(name)) for name in stack.ours}  # fmt: skip
    assert before == after
