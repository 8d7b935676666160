"""`make cluster`: a cluster with the product on it until Ctrl-C. `make cluster-e2e`: what is tried on it."""

import os
import shutil
import signal
import sys
import time

from kit.settings import settings
from tests.cluster import programs, report
from tests.cluster.cluster import Cluster
from tests.cluster.deployed import Deployed
from tests.cluster.trials import TRIALS

NODES = int(os.environ.get("NODES") or 3)
ONLY = os.environ.get("ONLY", "")
"""A part of a trial's name; all without it."""


def main(stay: bool) -> int:
    """The exit code; a machine that can run no nodes is a loud skip."""
    reason = programs.why_not()
    if reason:
        print(f"SKIPPED, NOT GREEN: {reason}")
        return 0
    for ending in (signal.SIGINT, signal.SIGTERM):  # Also where a shell has both ignored.
        signal.signal(ending, signal.default_int_handler)
    folder = (settings().var / "cluster").resolve()
    shutil.rmtree(folder, ignore_errors=True)
    cluster = Cluster(folder, NODES)
    deployed = Deployed(cluster)
    told = report.Report(NODES)
    try:
        for kind in programs.PACKAGES:
            programs.built(kind)
        told.step("images of the product", deployed.build)
        told.step("control plane and nodes ready", cluster.up)
        told.step("overlay applied", deployed.apply)
        told.step("migrated, every rollout whole", deployed.settle)
        with deployed.doors():
            told.step("stories through the edge", deployed.stories)
            if stay:
                wait(cluster)
            else:
                tried(deployed, told)
    except KeyboardInterrupt:
        pass
    finally:
        cluster.down()
    return int(told.failed)


def wait(cluster: Cluster) -> None:
    """Until somebody stops it."""
    print(f"export KUBECONFIG={cluster.control.access}  (Ctrl-C takes all of it away)", flush=True)
    time.sleep(86_400)


def tried(deployed: Deployed, told: report.Report) -> None:
    """Every trial, one after another; what fails is shown and does not hide the next."""
    for name, trial in TRIALS:
        if ONLY in name:
            told.trial(name, lambda trial=trial: trial(deployed))  # type: ignore[misc]
    if not ONLY and not told.failed:
        told.write()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:] == ["stay"]))
