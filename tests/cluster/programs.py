"""The programs of a cluster: Debian's, and those built once from the Go modules below `binaries/`."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from tests import modules

HERE = Path(__file__).parent / "binaries"
VERSION = "1.36.3"
"""Of Kubernetes, as `binaries/kubernetes/go.mod` requires it."""
CLUSTER = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl")  # fmt: skip
PACKAGES = {
    "kubernetes": tuple(f"k8s.io/kubernetes/cmd/{name}" for name in CLUSTER),
    "coredns": ("github.com/coredns/coredns",),
    "kube-router": ("github.com/cloudnativelabs/kube-router/v2/cmd/kube-router",),
    "metrics-server": ("sigs.k8s.io/metrics-server/cmd/metrics-server",),
    "pause": (".",),
}
DEBIAN = {
    "etcd": "etcd-server", "containerd": "containerd", "runc": "runc", "podman": "podman",
    "conntrack": "conntrack", "iptables": "iptables", "ipset": "ipset", "ip": "iproute2",
    "socat": "socat", "haproxy": "haproxy",
}  # fmt: skip
PLUGINS = Path("/usr/lib/cni")
VERSIONED = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


def why_not() -> str:
    """Why no cluster can be started here; empty where one can."""
    if os.geteuid() != 0:
        return "nodes are made by root"
    missing = [package for program, package in DEBIAN.items() if shutil.which(program) is None]
    if not (PLUGINS / "bridge").exists():
        missing.append("containernetworking-plugins")
    if missing:
        return f"not installed: {' '.join(missing)} (apt-get install)"
    if not re.search(r"go1\.26\b", _said("go", "version")):
        return "Go 1.26 builds it; found: " + (_said("go", "version") or "no Go")
    return ""


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.strip()
    except OSError:
        return ""


@cache
def program(name: str) -> str:
    """Path of a program of Kubernetes; RuntimeError where it cannot be built."""
    kind = "kubernetes" if name in CLUSTER else name
    return str(built(kind) / name)


@cache
def built(kind: str) -> Path:
    """The folder of what a module builds: made now where it is not there."""
    major, minor, _ = VERSION.split(".")
    told = {"gitVersion": f"v{VERSION}", "gitMajor": major, "gitMinor": minor}
    stamps = [f"-X {place}.{name}={text}" for place in VERSIONED for name, text in told.items()]
    options = ("-ldflags", " ".join(["-s", "-w", *stamps]))
    return modules.built(HERE / kind, "cluster", PACKAGES[kind], options)
