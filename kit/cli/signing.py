"""`minzheng keys rotate-signing`: the key the gateway signs internal tokens and receipts with."""

import os
import signal
import time
from typing import Annotated

import typer

from kit.cli.operator import record
from kit.cli.probe import serves
from kit.embedded.running import state_of_run
from kit.embedded.secrets import retire_signing, rotate_signing
from kit.embedded.workloads import service_names
from kit.settings import settings

PATIENCE = 60.0


def rotate(
    leaked: Annotated[bool, typer.Option(help="the old key counts no more, from now on")] = False,
) -> None:
    """Sign internal tokens and receipts of uploads with a new key.

    The old one verifies on until `minzheng keys retire-signing`, a day later: receipts live so
    long. With `--leaked` it counts no more: who has an upload in hand uploads it again. Processes
    read the key when they start: those of `minzheng up` are started anew by this command, services
    first; elsewhere do it yourself, in that order (`kubectl rollout restart`).
    Example: `minzheng keys rotate-signing --leaked`
    """
    name = rotate_signing(settings().secret_folder, keep=not leaked)
    record("rotate_signing_key", name)
    typer.echo(f"签名密钥 {name[:12]}… 已启用 in use; {_start_anew()}")


def retire() -> None:
    """Forget all signing keys but the one in use. Example: `minzheng keys retire-signing`"""
    count = retire_signing(settings().secret_folder)
    record("retire_signing_key", f"{count} keys")
    typer.echo(f"{count} 个旧密钥已停用 old keys retired; {_start_anew()}")


def _start_anew() -> str:
    """Every process of ours ended and up again, the gateway last; in words."""
    if not state_of_run():
        return "请重启各服务，最后重启网关 start the services anew, the gateway last"
    for name in (*service_names(), "gateway"):
        _restart(name)
    return "各进程已重启 processes started anew"


def _restart(name: str) -> None:
    before = _pid(name)
    os.kill(before, signal.SIGTERM)
    end = time.monotonic() + PATIENCE
    while _pid(name) in (0, before) or not serves(name):
        if time.monotonic() > end:
            raise OSError(f"{name} does not come back")
        time.sleep(0.1)


def _pid(name: str) -> int:
    rows = state_of_run()["processes"]
    return next((int(row["pid"]) for row in rows if row["name"] == name), 0)
