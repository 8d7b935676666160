"""What a run of the cluster showed: on the terminal at once, in `docs/operations/cluster.md` when all held."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from os import cpu_count, getloadavg
from pathlib import Path

from tests.cluster.machine import run
from tests.cluster.programs import VERSION

FILE = Path(__file__).parents[2] / "docs" / "operations" / "cluster.md"
HEAD = """# On a real cluster

Written by `make cluster-e2e` on {day}: Kubernetes {version}, containerd {containerd}, {nodes} nodes as network namespaces of one machine with {cores} cores (load of the last quarter of an hour {load:.1f}), bridge network, kube-proxy with iptables, policies enforced by kube-router, HAProxy as the way in (`tests/cluster/edge.cfg`), the overlay `ci` unchanged. All processes of the cluster and of the product share these cores: times are longer than on machines of their own.

| step | seconds |
|---|---|
{steps}

| tried | seen |
|---|---|
{trials}
"""


@dataclass
class Report:
    """Steps with their seconds, trials with what was seen."""

    nodes: int
    steps: list[tuple[str, float]] = field(default_factory=list)
    trials: list[tuple[str, str]] = field(default_factory=list)
    failed: bool = False

    def step(self, name: str, work: Callable[[], object]) -> None:
        """Do it and note how long it took; what fails ends the run."""
        began = time.monotonic()
        try:
            work()
        except BaseException:
            self.failed = True
            raise
        self.steps.append((name, time.monotonic() - began))
        print(f"{name}: {self.steps[-1][1]:.1f} s", flush=True)

    def trial(self, name: str, work: Callable[[], str]) -> None:
        """Try it; what fails is told and the next is tried all the same."""
        try:
            self.trials.append((name, work()))
            print(f"{name}: {self.trials[-1][1]}", flush=True)
        except (AssertionError, RuntimeError):
            self.failed = True
            print(f"{name}: DID NOT HOLD", flush=True)
            traceback.print_exc()

    def write(self) -> None:
        """The page."""
        text = HEAD.format(
            day=datetime.now(UTC).date(), version=VERSION, nodes=self.nodes, cores=cpu_count(),
            containerd=run("containerd", "--version").split()[2].partition("~")[0], load=getloadavg()[2],
            steps="\n".join(f"| {name} | {seconds:.1f} |" for name, seconds in self.steps),
            trials="\n".join(f"| {name} | {seen} |" for name, seen in self.trials),
        )  # fmt: skip
        FILE.write_text(text)
        print(f"written: {FILE}")
