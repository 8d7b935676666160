"""The unchanged docker-compose.yml, or with overlays, under a name of its own: up, asked, down, nothing left."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
import yaml

from kit.embedded.apart import free_ports

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
READY_SECONDS = 300.0
LOOK_SECONDS = 0.5
STARTED = ("up", "-d", "--no-build")
T = TypeVar("T")


@dataclass
class Stack:
    """A set of containers, volumes and networks whose names begin with `name`."""

    folder: Path
    overlays: tuple[Path, ...] = ()
    name: str = field(default_factory=lambda: f"minzheng-test-{os.getpid()}")
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        http, issuer = free_ports(2)
        self.environment |= {
            "MINZHENG_SECRETS": str(self.folder / "secrets"),
            "MINZHENG_HTTP_BIND": f"127.0.0.1:{http}",
            "MINZHENG_ISSUER_BIND": f"127.0.0.1:{issuer}",
            "MINZHENG_PUBLIC_URL": f"http://127.0.0.1:{http}",
            "MINZHENG_ISSUER": f"http://127.0.0.1:{issuer}/realms/minzheng",
        }

    @property
    def url(self) -> str:
        """The gateway's published door."""
        return self.environment["MINZHENG_PUBLIC_URL"]

    @property
    def services(self) -> Mapping[str, Mapping[str, object]]:
        """What the file names."""
        found: Mapping[str, Mapping[str, object]] = yaml.safe_load(FILE.read_text())["services"]
        return found

    @property
    def ours(self) -> list[str]:
        """Those that run one of our workloads."""
        rows = self.services.items()
        return [name for name, row in rows if "serve" in (row.get("command") or ())]  # type: ignore[operator]

    def container(self, service: str) -> str:
        """Name of a service's container."""
        return f"{self.name}_{service}_1"

    def compose(self, *arguments: str) -> str:
        """podman-compose on the files."""
        files = [part for file in (FILE, *self.overlays) for part in ("-f", str(file))]
        command = (sys.executable, "-m", "podman_compose", "-p", self.name, *files)
        return self.run(*command, *arguments)

    def run(self, *command: str) -> str:
        """A command's output. RuntimeError with what it said when it fails."""
        done = subprocess.run(
            command, env=os.environ | self.environment, cwd=ROOT, capture_output=True, text=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-3000:]}")
        return done.stdout

    def inside(self, service: str, *command: str) -> str:
        """A command's output inside a container."""
        return self.run("podman", "exec", self.container(service), *command)

    def up(self) -> float:
        """Start everything and wait until all serve; seconds."""
        began = time.monotonic()
        self.compose(*STARTED)
        until("the doors", lambda: all(map(answers, self.doors())))
        until("the operator", lambda: self.state("operator") == "exited 0")
        for name in self.ours:
            until(name, lambda name=name: self.probes(name))  # type: ignore[misc]
        return time.monotonic() - began

    def doors(self) -> Sequence[str]:
        """What answers when the published parts are ready."""
        issuer = self.environment["MINZHENG_ISSUER"]
        return f"{self.url}/health/readiness", f"{issuer}/.well-known/openid-configuration"

    def probes(self, name: str) -> bool:
        """A workload says that it is ready."""
        try:
            self.inside(name, "minzheng", "probe", name)
        except RuntimeError:
            return False
        return True

    def state(self, service: str) -> str:
        """State of a container and its exit code."""
        form = "{{.State.Status}} {{.State.ExitCode}}"
        return self.run("podman", "inspect", "--format", form, self.container(service)).strip()

    def operator(self) -> tuple[str, ...]:
        """A command that runs `minzheng` as the operator; its container stays until the end."""
        name = f"{self.name}_tool"
        idle = ("run", "--no-deps", "-d", "-T", "--name", name, "--entrypoint", "sleep", "operator")
        self.compose(*idle, "86400")
        return "podman", "exec", name, "minzheng"

    def megabytes(self) -> dict[str, float]:
        """Memory of each container as its control group counts it."""
        told = json.loads(
            self.run("podman", "stats", "--no-stream", "--format", "json", *self.running())
        )
        return {row["name"].split("_")[-2]: amount(row["mem_usage"].split("/")[0]) for row in told}

    def running(self) -> list[str]:
        """Names of the running containers."""
        return [self.container(name) for name in self.services if self.state(name) == "running 0"]

    def logs(self) -> str:
        """The last lines of every container."""
        said = [(name, self.log(name).splitlines()[-15:]) for name in self.services]
        return "\n".join("\n".join((f"== {name}", *lines)) for name, lines in said)

    def log(self, service: str) -> str:
        """All that a container said."""
        command = ("podman", "logs", self.container(service))
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stdout + done.stderr

    def down(self) -> list[str]:
        """Take everything away; what is left all the same."""
        subprocess.run(("podman", "rm", "-f", "-t", "0", f"{self.name}_tool"), capture_output=True)
        self.compose("down", "--volumes", "--timeout", "20")
        kinds = (("ps", "-a"), ("volume", "ls"), ("network", "ls"))
        form = ("--format", "{{.Name}}")
        told = [self.run("podman", *kind, *(form if kind[0] != "ps" else ("--format", "{{.Names}}"))) for kind in kinds]  # fmt: skip
        return [line for text in told for line in text.splitlines() if self.name in line]


def timed(what: str, work: Callable[[], T]) -> T:
    """The work's answer; says how long it took."""
    began = time.monotonic()
    found = work()
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)
    return found


def until(what: str, ready: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
    """Return when the answer is yes; RuntimeError when it takes too long."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not ready after {seconds:.0f} s")
        time.sleep(LOOK_SECONDS)


def answers(url: str) -> bool:
    """A door that is ready."""
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def amount(text: str) -> float:
    """MB of a size as podman prints it."""
    number = float(text.strip().rstrip("kMGB"))
    return number * {"k": 0.001, "M": 1, "G": 1000}.get(text.strip()[-2:-1], 1e-6)
