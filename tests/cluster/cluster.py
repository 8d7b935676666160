"""A cluster as a whole: made, used, taken away."""

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.cluster import addons, images
from tests.cluster.control import SERVICES, Control
from tests.cluster.machine import Machine, connect, disconnect, run
from tests.cluster.node import GROUPS, Node
from tests.cluster.papers import Papers
from tests.compose.stack import until

TAG = "ci"
"""What the overlay `ci` asks for."""


class Cluster:
    """A control plane and nodes; `folder` holds all of it."""

    def __init__(self, folder: Path, nodes: int) -> None:
        self.folder = folder
        self.others: frozenset[str] = frozenset()
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

    def up(self) -> None:
        """Start everything; returns when all nodes and the names inside are ready."""
        disconnect(*self.machines)
        self.others = spaces()
        connect(*self.machines)
        run("ip", "route", "replace", SERVICES, "via", self.nodes[0].machine.address)
        self.control.start()
        addons.install(self.control)
        archive = images.archive(self.folder / "images", TAG)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: self._begin(node, archive), self.nodes))
        until("the nodes", lambda: all(node.ready() for node in self.nodes))
        self.control.kubectl("-n", "kube-system", "wait", "--for=condition=Available", "deployment/coredns", "--timeout=120s")  # fmt: skip

    def _begin(self, node: Node, archive: Path) -> None:
        node.start()
        node.take(archive)
        node.join()

    def down(self) -> None:
        """Stop everything and take it away."""
        for node in self.nodes:
            node.machine.stop()
        _end_pods(self.folder)
        self.control.machine.stop()
        disconnect(*self.machines)
        for left in spaces() - self.others:
            run("ip", "netns", "delete", left, check=False)
        for mounted in reversed(_mounts(self.folder)):
            run("umount", "-l", mounted, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def spaces() -> frozenset[str]:
    """Network namespaces of this host; pods have one each."""
    return frozenset(line.split()[0] for line in run("ip", "netns").splitlines())


def _end_pods(folder: Path) -> None:
    """What containers a stopped containerd leaves behind: its shims, their children, their groups."""
    for word in ("TERM", "KILL"):
        run("pkill", f"-{word}", "-f", f"containerd-shim.*{folder}", check=False)
    groups = sorted(GROUPS.glob("*/kn*/**/cgroup.procs"), key=lambda file: -len(file.parts))
    for group in groups:
        for pid in group.read_text().split():
            run("kill", "-9", pid, check=False)
    for group in groups:
        run("rmdir", str(group.parent), check=False)


def _mounts(folder: Path) -> list[str]:
    lines = Path("/proc/mounts").read_text().splitlines()
    return [line.split()[1] for line in lines if line.split()[1].startswith(str(folder))]
