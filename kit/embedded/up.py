"""`minzheng up`: the whole platform from one command."""

import asyncio
import csv
import gc
import importlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from kit.database import migrate
from kit.embedded.child import Child
from kit.embedded.client_secret import lend_client_secret
from kit.embedded.postgres import Postgres
from kit.embedded.real.peers import (
    companions,
    databases,
    keep_to_the_log,
    own_issuer,
    peers,
    provide,
)
from kit.embedded.roles import prepare
from kit.embedded.running import address
from kit.embedded.secrets import make_secrets
from kit.embedded.sentences import StartError, require_free
from kit.embedded.supervisor import Supervisor
from kit.embedded.workloads import service_names, workloads
from kit.settings import IDLE_SECONDS, Settings, settings

WARM = ("grpc.aio", "asyncpg", "sqlmodel", "fastapi", "uvicorn", "opentelemetry.sdk.trace", "kit.server", "gateway.app", "kit.embedded.issuer")  # fmt: skip


def up() -> int:
    """Start everything, stay in the foreground, stop everything on Ctrl-C; the exit code."""
    began = time.monotonic()
    config, console = settings(), Console(soft_wrap=True)
    database = Postgres.of(config)
    os.environ.setdefault("MINZHENG_ADDRESS", address(config))
    settings.cache_clear()

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False)

    supervisor = Supervisor(config.var, say, database)
    try:
        refuse_production(config)
        with supervisor.alone():
            require_free(config.http_host, config.http_port, "MINZHENG_HTTP_PORT")
            if own_issuer(config):
                require_free("127.0.0.1", config.issuer_port, "MINZHENG_ISSUER_PORT")
            keep_to_the_log(config)
            real = peers(config, say)
            console.print("启动 PostgreSQL … / starting PostgreSQL", style="dim")
            database.start()
            try:
                make_secrets(config.secret_folder)
                if own_issuer(config):
                    lend_client_secret(config)
                asyncio.run(prepare(databases(config), config))
                supervisor.launch(real)
                first = make_ready(config)
                warm()
                # Keycloak takes longest: our own processes start beside it.
                supervisor.wait("kafka")
                provide(config)
                supervisor.start(children(config))
                if first and config.demo:
                    sample(say)
                if not supervisor.stopping:
                    welcome(console, config, first, time.monotonic() - began)
                supervisor.keep()
                console.print("正在停止 … / stopping", style="dim")
            finally:
                supervisor.stop()
                database.stop()
    except StartError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    return 0


def refuse_production(config: Settings) -> None:
    """The embedded parts are for one machine; StartError in production."""
    if config.profile == "production":
        raise StartError(
            "生产环境请使用独立的数据库、登录和消息系统，并以 minzheng serve 分别启动各进程。\n"
            "Production has its own database, sign-on and log: run each process by minzheng serve."
        )


def children(config: Settings) -> Sequence[Child]:
    """Our own processes, in the order of stopping."""

    def log(name: str) -> Path:
        return config.var / "log" / f"{name}.log"

    gateway = Child(
        "gateway", lambda: importlib.import_module("gateway.app").main(), log("gateway")
    )
    others = [Child(name, _serve(name), log(name)) for name in service_names()]
    embedded = config.sign_on == "embedded" and own_issuer(config)
    issuers = (Child("issuer", serve_issuer, log("issuer")),) if embedded else ()
    return (gateway, *others, *companions(config), *issuers)


def _serve(name: str) -> Callable[[], None]:
    return lambda: importlib.import_module("kit.server").main(name)


def serve_issuer() -> None:
    """The issuer on its port."""
    import uvicorn

    from kit.embedded import ready
    from kit.embedded.issuer import issuer_app

    config = settings()
    base = config.issuer.partition("/realms/")[0]
    app = issuer_app(config.realm_file, config.secret_folder, base, profile=config.profile)

    class Server(uvicorn.Server):
        async def startup(self, sockets: object = None) -> None:
            await super().startup()
            ready.notify()

    Server(
        uvicorn.Config(
            app,
            "127.0.0.1",
            config.issuer_port,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=IDLE_SECONDS,
        )
    ).run()


def make_ready(config: Settings) -> bool:
    """Databases, migrations, demo posts; whether this was the first start."""

    async def migrated() -> None:
        await prepare(workloads(), config)
        for name in workloads():
            await migrate(name, config)

    asyncio.run(migrated())
    seeded = config.var / "seeded"
    first = not seeded.exists()
    if first:
        importlib.import_module("gateway.seed").seed()
        seeded.touch()
    return first


def sample(say: Callable[[str], None]) -> None:
    """Small demo data, made by a process of its own: this one starts no loop between forks."""
    command = [sys.executable, "-m", "gateway.demo.sample"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60)
    say(made.stdout.rstrip() if made.returncode == 0 else f"演示数据未能生成：{made.stderr[-500:]}")


def warm() -> None:
    """Import what every child needs, before the fork; no thread, loop or channel is started."""
    for name in WARM:
        importlib.import_module(name)
    for name in service_names():
        importlib.import_module(f"services.{name}.service")
    importlib.import_module("kit.regions").hainan()
    gc.collect()
    gc.freeze()


def welcome(console: Console, config: Settings, first: bool, seconds: float) -> None:
    """What a person needs now: where, who, how, logs, how to stop."""
    folder = "" if config.var == Path("var") else f"MINZHENG_VAR={config.var} "
    console.print(
        f"\n[bold green]minzheng 已启动[/]({seconds:.1f} 秒){'，首次启动已建库' if first else ''}"
    )
    console.print(f"  地址 URL        {config.public_url}")
    console.print(f"  接口 API        {config.public_url}/api")
    console.print(f"  登录 issuer     {config.issuer}")
    console.print(
        f"  日志 logs       {config.var / 'log'}    状态 status  {folder}.venv/bin/minzheng status"
    )
    console.print(accounts(config))
    console.print("  令牌 token      .venv/bin/minzheng token clerk.datong")
    console.print(
        f'  试一试 try      curl -H "Authorization: Bearer $(.venv/bin/minzheng token clerk.datong)" {config.public_url}/api/v1/filing-inbox',
        markup=False,
    )
    console.print("  停止 stop       Ctrl-C\n")


def accounts(config: Settings) -> Table:
    """Some of the demo people; the whole list is beside the realm file."""
    file = config.realm_file.parent / "demo_users.csv"
    table = Table(title="演示账号（人员均为虚构）demo accounts · 密码 password: demo-Minzheng-2026")
    table.add_column("用户名 user")
    table.add_column("岗位 post")
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if "datong" in row["username"] or "longhua" in row["username"]:
                table.add_row(row["username"], row["title_zh"])
    table.caption = f"全部账号 all: {file}"
    return table
