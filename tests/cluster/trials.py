"""What is done to a running cluster, one function a trial; AssertionError says what did not hold."""

import base64
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.cluster import images
from tests.cluster.admission import refused_without, server_side
from tests.cluster.deployed import EDGE, Deployed
from tests.cluster.load import Load
from tests.cluster.machine import cut, mend, run
from tests.cluster.wire import on_the_wire
from tests.compose.stack import until

NEXT_IMAGE, NEXT = "minzheng-next", "next"
STEP = "-- A step of the next release: code of either release lives with it.\nALTER TABLE filing ADD COLUMN tried_on date;\n"
RECIPE = """FROM localhost/minzheng
COPY 9999_tried.sql /opt/minzheng/services/filing/migrations/9999_tried.sql
"""
REQUESTS = 20_000
CORE = "minzheng-core"
CUT = ((EDGE, "gateway"), (CORE, "filing"))
"""Who must be on a node that is cut off: one that nobody asks would prove nothing."""
ROLLING = ((CORE, "filing"), (CORE, "notifications"), (CORE, "supervision"), (EDGE, "gateway"))


def rolling(deployed: Deployed) -> str:
    """A new image, its migration first, into every workload, under load."""
    _next_release(deployed)
    with Load() as load:
        load.reach(REQUESTS // 4)
        _migrate(deployed)
        began = time.monotonic()
        for space, name in ROLLING:
            deployed.kubectl("-n", space, "set", "image", f"deployment/{name}", f"{name}={NEXT_IMAGE}:{NEXT}")  # fmt: skip
            deployed.rolled_out(space, f"deployment/{name}")
        took = time.monotonic() - began
        load.reach(REQUESTS)
    load.expect_unhurt()
    assert load.asked >= REQUESTS, load.told
    return f"four workloads one after another in {took:.0f} s; {load.told}"


def undone(deployed: Deployed) -> str:
    """Back from a release that is in use, as release-rollback says: its schema stays."""
    with Load() as load:
        load.reach(500)
        began = time.monotonic()
        for space, name in ROLLING:
            deployed.kubectl("-n", space, "rollout", "undo", f"deployment/{name}")
            deployed.rolled_out(space, f"deployment/{name}")
        took = time.monotonic() - began
        load.reach(load.asked + 500)
    left = [name for space, name in ROLLING if NEXT_IMAGE in deployed.image(space, name)]
    assert left == []
    load.expect_unhurt()
    return f"the former image serves with the schema of the next in {took:.0f} s; {load.told}"


def _next_release(deployed: Deployed) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "9999_tried.sql").write_text(STEP)
        (Path(folder) / "Containerfile").write_text(RECIPE)
        run("podman", "build", "-q", "-t", NEXT_IMAGE, folder)
    archive = images.saved(deployed.cluster.folder / "images", {NEXT_IMAGE: NEXT})
    for node in deployed.cluster.nodes:
        node.take(archive)


def _migrate(deployed: Deployed) -> None:
    [job] = [one for _, name, one in deployed.of_kind("Job") if name.startswith("migrate-filing")]
    told = json.loads(json.dumps(job))
    told["metadata"]["name"] = "migrate-filing-next"
    told["spec"]["template"]["spec"]["containers"][0]["image"] = f"{NEXT_IMAGE}:{NEXT}"
    deployed.kubectl("create", "-f", "-", stdin=json.dumps(told))
    deployed.kubectl("-n", CORE, "wait", "--for=condition=Complete", "job/migrate-filing-next", "--timeout=300s")  # fmt: skip


def drained(deployed: Deployed) -> str:
    """A node without data is emptied under load."""
    node = deployed.spare().machine.name
    with Load() as load:
        load.reach(500)
        began = time.monotonic()
        deployed.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=300s")  # fmt: skip
        took = time.monotonic() - began
        load.reach(load.asked + 1_000)
    deployed.kubectl("uncordon", node)
    load.expect_unhurt()
    return f"{took:.0f} s; {load.told}"


def no_spare(deployed: Deployed) -> str:
    """No node takes a pod, and one goes: its budget allows no more to go until there is room, as no-spare-pod says."""
    nodes = [node.machine.name for node in deployed.cluster.nodes]
    [pod, *_] = deployed.pods(CORE, "filing")
    with Load() as load:
        deployed.kubectl("cordon", *nodes)
        try:
            deployed.kubectl("-n", CORE, "delete", "pod", pod, "--wait=false")
            until("the budget", lambda: _may_go(deployed, "filing") == 0, 60)
            waiting = deployed.kubectl("-n", CORE, "get", "pods", "--field-selector=status.phase=Pending", "-o", "name")  # fmt: skip
            assert "filing" in waiting, waiting
        finally:
            deployed.kubectl("uncordon", *nodes)
        began = time.monotonic()
        until("the budget", lambda: _may_go(deployed, "filing") == 1, 180)
        took = time.monotonic() - began
    load.expect_unhurt()
    return f"a pod was Pending and the budget allowed none to go; {took:.0f} s after there was room it allowed one; {load.told}"


def _may_go(deployed: Deployed, name: str) -> int:
    form = "jsonpath={.status.disruptionsAllowed}"
    return int(deployed.kubectl("-n", CORE, "get", "pdb", name, "-o", form))


def node_cut(deployed: Deployed) -> str:
    """The cable of a node with a gateway and a filing on it is pulled under load: errors end within
    five seconds, two replicas of each are left."""
    cluster, node = deployed.cluster, deployed.spare()
    machine = node.machine
    held = [_spread(deployed, space, name, machine.name) for space, name in CUT]
    with Load() as load:
        load.reach(500)
        cut(cluster.control.machine, machine)
        began = time.monotonic()
        time.sleep(90)
        mend(cluster.control.machine, machine)
    late = [at - began for at, _ in load.failures if at > began]
    until("the node", node.ready, 120)
    assert all(one <= 5 for one in late), (f"errors until {max(late):.1f} s after the cut", load.told, load.failures[:5])  # fmt: skip
    return f"on it {' and '.join(held)}; last error {max(late, default=0):.1f} s after the cut; {load.told}"


def _spread(deployed: Deployed, space: str, name: str, node: str) -> str:
    """Pods of a workload, made anew so that each node has some; how many of them are on that one."""
    deployed.kubectl("-n", space, "rollout", "restart", f"deployment/{name}")
    deployed.rolled_out(space, f"deployment/{name}", 300)
    form = "jsonpath={range .items[*]}{.spec.nodeName}={.metadata.deletionTimestamp} {end}"

    def found() -> list[tuple[str, str, str]]:
        told = deployed.kubectl("-n", space, "get", "pods", "-l", f"minzheng-workload={name}", "-o", form)  # fmt: skip
        return [one.partition("=") for one in told.split()]

    until("the old pods' end", lambda: not any(leaving for _, _, leaving in found()), 120)
    nodes = [one for one, _, _ in found()]
    here = nodes.count(node)
    assert here > 0, (name, nodes)
    assert len(nodes) - here >= 2, (name, nodes)
    return f"{here} of {len(nodes)} pods of {name}"


def held_back(deployed: Deployed) -> str:
    """An image that does not start never takes the place of the old pods."""
    deployed.kubectl("-n", CORE, "set", "image", "deployment/notifications", "notifications=cluster-pause:1")  # fmt: skip
    with Load() as load:
        ready = _stuck(deployed, "notifications")
    load.expect_unhurt()
    return f"{ready} old pods served meanwhile; {load.told}"


def wrong_name(deployed: Deployed) -> str:
    """A probe that asks for a service of another name holds the rollout."""
    patch = [{"op": "replace", "path": "/spec/template/spec/containers/0/readinessProbe/grpc/service", "value": "nobody"}]  # fmt: skip
    deployed.kubectl("-n", CORE, "patch", "deployment/supervision", "--type=json", "-p", json.dumps(patch))  # fmt: skip
    return f"{_stuck(deployed, 'supervision')} old pods stayed ready"


def _stuck(deployed: Deployed, name: str) -> int:
    """A rollout does not end, and is undone; how many pods were ready meanwhile, at least two."""
    try:
        deployed.rolled_out(CORE, f"deployment/{name}", 40)
    except RuntimeError:
        ready = _ready(deployed, name)
    else:
        raise AssertionError("rolled out")
    deployed.kubectl("-n", CORE, "rollout", "undo", f"deployment/{name}")
    deployed.rolled_out(CORE, f"deployment/{name}", 300)
    assert ready >= 2, ready
    return ready


def _ready(deployed: Deployed, name: str) -> int:
    form = "jsonpath={.status.readyReplicas}"
    return int(deployed.kubectl("-n", CORE, "get", "deployment", name, "-o", form) or 0)


def names(deployed: Deployed) -> str:
    """A headless service answers with every pod, and calls reach all of them."""
    program = "import socket; print(len({one[4][0] for one in socket.getaddrinfo('filing.minzheng-core', 50051)}))"
    [gateway, *_] = deployed.pods(EDGE, "gateway")
    told = deployed.kubectl("-n", EDGE, "exec", gateway, "--", "python", "-c", program).strip()
    ready = _ready(deployed, "filing")
    assert int(told) == ready, (told, ready)
    return f"{told} addresses for {ready} ready pods"


def out_of_memory(deployed: Deployed) -> str:
    """A process that takes more than its limit is ended alone, and its pod starts again."""
    [pod, *_] = deployed.pods(CORE, "supervision")
    program = "import os; b = bytearray(); exec('while True: b.extend(os.urandom(1 << 20) * 16)')"
    with Load() as load:
        load.reach(200)
        deployed.kubectl("-n", CORE, "exec", pod, "--", "python", "-c", program, check=False)
        load.reach(load.asked + 500)
    form = "jsonpath={.status.containerStatuses[0].lastState.terminated.reason}"
    reason = deployed.kubectl("-n", CORE, "get", "pod", pod, "-o", form)
    load.expect_unhurt()
    return f"{pod}: {reason or 'the child alone was ended'}; {load.told}"


def new_key(deployed: Deployed) -> str:
    """A key of encrypted columns comes into every process, then into use, under load; all cells follow it."""
    started = _restarts(deployed)
    with deployed.operator() as operator, Load() as load:
        load.reach(500)
        began = time.monotonic()
        deployed.hand_out("field_key_2", base64.b64encode(os.urandom(32)).decode())
        deployed.hand_out("keys_in_use", json.dumps({"field": 2}))
        there = time.monotonic() - began
        told = run(*operator, "keys", "reseal").strip()
        load.reach(load.asked + 500)
    again = [pod for pod, count in _restarts(deployed).items() if count > started.get(pod, count)]
    assert not told.startswith("0 "), told
    load.expect_unhurt()
    assert not again, again
    return f"in every pod after {there:.0f} s, nothing restarted; {told}; {load.told}"


def _restarts(deployed: Deployed) -> dict[str, int]:
    """Of every pod that is there now: how often its process began again."""
    form = "jsonpath={range .items[*]}{.metadata.name}={.status.containerStatuses[0].restartCount} {end}"
    told = [deployed.kubectl("-n", space, "get", "pods", "-o", form) for space in (CORE, EDGE)]
    return {
        pod: int(count) for pod, _, count in (one.partition("=") for one in " ".join(told).split())
    }


def usage(deployed: Deployed) -> str:
    """The scaler sees what pods use."""
    form = "jsonpath={range .items[*]}{.metadata.name}={.status.currentMetrics[0].resource.current.averageUtilization} {end}"
    told = ""

    def seen() -> bool:
        nonlocal told
        told = deployed.kubectl("get", "hpa", "-A", "-o", form).strip()
        return bool(told) and all(one.split("=")[1] for one in told.split())

    until("the scalers' figures", seen, 180)
    return f"CPU % of the request: {told}"


TRIALS: tuple[tuple[str, Callable[[Deployed], str]], ...] = (
    ("every overlay, dry run of the API server", server_side),
    ("a pod without the rules", refused_without),
    ("names inside", names),
    ("what scalers see", usage),
    ("who reaches whom", on_the_wire),
    ("rolling restart of everything with a migration", rolling),
    ("back to the release before", undone),
    ("drain of a node", drained),
    ("an image that does not start", held_back),
    ("a probe with a wrong name", wrong_name),
    ("out of memory", out_of_memory),
    ("a new key of the encrypted columns", new_key),
    ("no room for a pod", no_spare),
    ("a node cut off", node_cut),
)
