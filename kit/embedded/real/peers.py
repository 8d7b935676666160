"""Which parts of the one-command run are real, and what has to run for them."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.embedded.child import Child
from kit.embedded.real.artifacts import Say
from kit.embedded.sentences import StartError
from kit.settings import Settings


def own_broker(config: Settings) -> bool:
    """The facts travel through a Kafka that this run starts."""
    return config.events == "kafka" and not config.kafka_servers


def own_keycloak(config: Settings) -> bool:
    """People sign on at a Keycloak that this run starts."""
    return config.sign_on == "keycloak" and own_issuer(config)


def own_issuer(config: Settings) -> bool:
    """The issuer is on this run's own port; otherwise it exists elsewhere."""
    return config.issuer.startswith(f"http://127.0.0.1:{config.issuer_port}/")


def databases(config: Settings) -> tuple[str, ...]:
    """Databases that only the real parts need."""
    return ("keycloak",) if own_keycloak(config) else ()


def peers(config: Settings, say: Say) -> Sequence[Child]:
    """The real parts, ready to start; they are fetched and built at the first time."""
    found: list[Child] = []
    if own_broker(config):
        from kit.embedded.real.kafka import Broker

        found.append(Broker(config, say).prepare())
    if own_keycloak(config):
        from kit.embedded.real.keycloak import Keycloak

        found.append(Keycloak(config, say).prepare())
    if found:
        names = "、".join(child.name.capitalize() for child in found)
        say(f"启动 {names} … / starting {' and '.join(child.name for child in found)}")
    return found


def companions(config: Settings) -> Sequence[Child]:
    """What runs beside our services for the real parts: the keeper of the broker's keys."""
    if not own_broker(config):
        return ()
    from kit.embedded.real import keys
    from kit.embedded.real.kafka import Broker
    from kit.embedded.real.keycloak import PATIENCE

    file = Broker(config, print).keys
    log = config.var / "log" / "keys.log"
    # It serves once the sign-on does.
    return (Child("keys", lambda: keys.keep(config.issuer_inside, file), log, patience=PATIENCE),)


def provide(config: Settings) -> None:
    """Topics and rights on our broker, set by a process of its own: this one starts no thread."""
    if own_broker(config):
        command = [sys.executable, "-m", "kit.embedded.real.rights"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise StartError(f"Kafka 权限未能设置 / rules not set:\n{done.stderr[-1000:]}")


def keep_to_the_log(config: Settings) -> None:
    """StartError when this folder's facts went through another log: its consumers would miss them."""
    file: Path = config.var / "log.json"
    chosen = {"events": config.events, "servers": config.kafka_servers}
    if not file.exists():
        file.write_text(json.dumps(chosen))
        return
    before = json.loads(file.read_text())
    if before != chosen:
        raise StartError(
            f"数据目录 {config.var} 的事件在另一日志中（{before['events']}），请沿用它，或用 MINZHENG_VAR 另选数据目录。\n"
            f"The facts of {config.var} are in another log ({before['events']}): keep to it, "
            "or choose another folder with MINZHENG_VAR."
        )
