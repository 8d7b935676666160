"""A cluster as a whole: made, used, taken away."""

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.cluster import addons, images
from tests.cluster.control import SERVICES, Control
from tests.cluster.machine import Machine, connect, disconnect, run, until
from tests.cluster.node import Node
from tests.cluster.papers import Papers

TAG = "ci"
"""What the overlay `ci` asks for."""


class Cluster:
    """A control plane and nodes; `folder` holds all of it."""

    def __init__(self, folder: Path, nodes: int) -> None:
        self.folder = folder
        first = Machine("k0", 1, folder / "k0")
        self.control = Control(first, Papers(folder / "papers", f"https://{first.address}:6443"))
        self.nodes = [
            Node(Machine(f"kn{n}", 10 + n, folder / f"kn{n}"), self.control)
            for n in range(1, nodes + 1)
        ]

    @property
    def machines(self) -> Sequence[Machine]:
        """Control plane first."""
        return self.control.machine, *(node.machine for node in self.nodes)

    @property
    def kubectl(self):  # type: ignore[no-untyped-def]
        """The administrator's."""
        return self.control.kubectl

    def up(self) -> None:
        """Start everything; returns when all nodes and the names inside are ready."""
        disconnect(*self.machines)
        connect(*self.machines)
        run("ip", "route", "add", SERVICES, "via", self.nodes[0].machine.address)
        self.control.start()
        addons.install(self.control)
        archives = images.archives(self.folder / "images", TAG)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: self._begin(node, archives), self.nodes))
        until("the nodes", lambda: all(node.ready() for node in self.nodes))
        self.kubectl("-n", "kube-system", "wait", "--for=condition=Available", "deployment/coredns", "--timeout=120s")  # fmt: skip

    def _begin(self, node: Node, archives: Sequence[Path]) -> None:
        node.start()
        node.take(*archives)
        node.join()

    def down(self) -> None:
        """Stop everything and take it away."""
        for node in self.nodes:
            node.machine.stop()
        _end_pods(self.folder)
        self.control.machine.stop()
        disconnect(*self.machines)
        for mounted in reversed(_mounts(self.folder)):
            run("umount", "-l", mounted, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def _end_pods(folder: Path) -> None:
    """What containers a stopped containerd leaves behind: its shims and their children."""
    run("pkill", "-TERM", "-f", f"containerd-shim.*{folder}", check=False)
    run("pkill", "-KILL", "-f", f"containerd-shim.*{folder}", check=False)
    for group in sorted(Path("/sys/fs/cgroup").glob("*/kn*/**/cgroup.procs"), reverse=True):
        for pid in group.read_text().split():
            run("kill", "-9", pid, check=False)


def _mounts(folder: Path) -> list[str]:
    lines = Path("/proc/mounts").read_text().splitlines()
    return [line.split()[1] for line in lines if line.split()[1].startswith(str(folder))]
