"""The platform tried after a restore: it starts, people can sign in, the door answers them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from kit.backup.checks import Finding
from kit.embedded.look import answers_well
from kit.embedded.sentences import StartError
from kit.embedded.sign_in import SignInError, sign_in
from kit.settings import Settings
from kit.sign_on import way_to_sign_on

START_SECONDS = 120.0
ANSWER_SECONDS = 5.0


@contextmanager
def started(config: Settings) -> Iterator[None]:
    """The platform, for as long as the block runs. StartError where its door does not open."""
    log = config.var / "log" / "restore-trial.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "kit.cli", "up"], stdout=stream, stderr=stream, env=os.environ
        )
    try:
        _wait(process, f"{config.public_url}/health/readiness", str(log))
        yield
    finally:
        process.terminate()
        process.wait(60)


def _wait(process: "subprocess.Popen[bytes]", url: str, log: str) -> None:
    end = time.monotonic() + START_SECONDS
    while not answers_well(url, ANSWER_SECONDS):
        if process.poll() is not None or time.monotonic() > end:
            raise StartError(
                f"恢复后平台未能启动，详见 {log}\nIt does not start after the restore: {log}"
            )
        time.sleep(0.2)


@dataclass(frozen=True, slots=True)
class Account:
    """Who signs in; `otp` is asked for where the sign-on wants a one-time code."""

    name: str
    password: str = field(repr=False)
    otp: Callable[[], str] = lambda: ""


async def signs_in(config: Settings, who: Account | None) -> Finding:
    """An account signs in and the door tells its posts; without one the sign-on at least answers."""
    name = "sign-in 登录"
    async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS) as browser:
        if who is None:
            page = await browser.get(f"{config.gateway_inside}/sign-in")
            told = page.headers.get("location", "")
            return Finding(
                name, told.startswith(config.issuer), f"{page.status_code} to the sign-on"
            )
        try:
            tokens = await sign_in(
                config.issuer,
                who.name,
                who.password,
                otp=who.otp,
                transport=way_to_sign_on(config),
            )
        except (SignInError, httpx.HTTPError) as error:
            return Finding(name, False, f"{who.name}: {error or type(error).__name__}")
        bearer = {"authorization": f"Bearer {tokens.access_token}"}
        posts = await browser.get(f"{config.gateway_inside}/api/v1/my/posts", headers=bearer)
    return Finding(name, posts.status_code == 200, f"{who.name}: posts {posts.status_code}")
