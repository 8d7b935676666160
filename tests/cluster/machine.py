"""A machine of the cluster: a network namespace with an address, and the processes that run in it."""

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

NET = "10.99.0"
OUTSIDE = f"{NET}.254"
"""This host's own address on their network."""


def run(*command: str, check: bool = True, stdin: str | None = None) -> str:
    """A command's output; RuntimeError with what it said."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-3000:]}")
    return done.stdout


@dataclass
class Machine:
    """Its name is that of the namespace; `number` ends its address and its pods' range."""

    name: str
    number: int
    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """On the network of machines."""
        return f"{NET}.{self.number}"

    @property
    def pods(self) -> str:
        """Addresses of its pods."""
        return f"10.244.{self.number}.0/24"

    def inside(self, *command: str) -> Sequence[str]:
        """The command as it runs in the namespace; `ip netns exec` would hide the control groups."""
        return "nsenter", f"--net=/run/netns/{self.name}", *command

    def run(self, *command: str) -> str:
        """A command's output."""
        return run(*self.inside(*command))

    def start(self, program: str, *arguments: str, **environment: str) -> None:
        """Start a process that stays; its words go to a file."""
        name = Path(program).name
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self.inside(program, *arguments), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env=os.environ | environment, start_new_session=True,
            )  # fmt: skip

    def stop(self) -> None:
        """End what runs, the last started first."""
        for process in reversed(self.running.values()):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        self.running.clear()


def connect(first: Machine, *others: Machine) -> None:
    """Their namespaces, joined by a bridge in the first; this host has an address on it too."""
    for machine in (first, *others):
        run("ip", "netns", "add", machine.name)
        machine.run("ip", "link", "set", "lo", "up")
    first.run("ip", "link", "add", "machines", "type", "bridge")
    first.run("ip", "address", "add", f"{first.address}/24", "dev", "machines")
    first.run("ip", "link", "set", "machines", "up")
    for machine in others:
        _plug(first, f"to-{machine.name}")
        run("ip", "link", "set", f"to-{machine.name}p", "netns", machine.name, "name", "eth0")
        machine.run("ip", "address", "add", f"{machine.address}/24", "dev", "eth0")
        machine.run("ip", "link", "set", "eth0", "up")
        machine.run("ip", "route", "add", "default", "via", OUTSIDE)
        machine.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    _plug(first, "to-host")
    run("ip", "address", "add", f"{OUTSIDE}/24", "dev", "to-hostp")
    run("ip", "link", "set", "to-hostp", "up")
    for machine in others:
        for other in (first, *others):
            if other is not machine:
                other.run("ip", "route", "add", machine.pods, "via", machine.address)
        run("ip", "route", "add", machine.pods, "via", machine.address)


def _plug(bridge: Machine, name: str) -> None:
    run("ip", "link", "add", name, "type", "veth", "peer", "name", f"{name}p")
    run("ip", "link", "set", name, "netns", bridge.name)
    bridge.run("ip", "link", "set", name, "master", "machines", "up")


def cut(bridge: Machine, machine: Machine) -> None:
    """Pull the machine's cable."""
    bridge.run("ip", "link", "set", f"to-{machine.name}", "down")


def mend(bridge: Machine, machine: Machine) -> None:
    """Plug it in again."""
    bridge.run("ip", "link", "set", f"to-{machine.name}", "up")


def disconnect(*machines: Machine) -> None:
    """Take the namespaces away, and this host's cable."""
    run("ip", "link", "delete", "to-hostp", check=False)
    for machine in machines:
        run("ip", "netns", "delete", machine.name, check=False)
