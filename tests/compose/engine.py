"""podman as it works in a bare machine: settings of its own, and why it may not work here."""

import importlib.util
import os
import resource
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = "minzheng-base"
"""The base that is made here from Debian packages; any other is pulled."""
PROGRAMS = ("podman", "runc", "conmon", "iptables")
NETAVARK = ("/usr/lib/podman/netavark", "/usr/libexec/podman/netavark")
MOST = 16_384
"""Files and processes of a container; podman's own default needs a right that a sandbox lacks."""
SETTINGS = """[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile={files}:{files}", "nproc={processes}:{processes}"]
"""


def why_not(base: str) -> str:
    """Why containers cannot be run here; empty where they can."""
    if os.geteuid() != 0:
        return "containers are run by root here"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if not any(Path(name).exists() for name in NETAVARK):
        missing.append("netavark")
    if base == OWN and shutil.which("mmdebstrap") is None:
        missing.append("mmdebstrap")
    if importlib.util.find_spec("podman_compose") is None:
        missing.append("podman-compose")
    if missing:
        return f"not installed: {', '.join(missing)} (apt-get install podman runc netavark aardvark-dns iptables nftables mmdebstrap)"
    return ""


def settings(folder: Path) -> Path:
    """A containers.conf for this machine; whoever runs podman names it in CONTAINERS_CONF."""
    file = folder / "containers.conf"
    file.write_text(
        SETTINGS.format(
            files=_limit(resource.RLIMIT_NOFILE), processes=_limit(resource.RLIMIT_NPROC)
        )
    )
    return file


def _limit(which: int) -> int:
    hard = resource.getrlimit(which)[1]
    return MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)


def does_not_run(base: str) -> str:
    """Why a container with a network cannot be started here; empty where it can.

    A sandbox may have podman and yet forbid what a network or a namespace needs.
    """
    network = f"minzheng-trial-{os.getpid()}"
    try:
        if base == OWN and subprocess.run(("podman", "image", "exists", base)).returncode:
            _podman("deploy/images/base.sh", base)
        _podman("podman", "network", "create", network)
        try:
            _podman("podman", "run", "--rm", "--network", network, base, "true")
        finally:
            _podman("podman", "network", "rm", network)
    except subprocess.CalledProcessError as error:
        return f"a container does not run here: {error.stderr.strip()[-300:]}"
    return ""


def _podman(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=600, cwd=ROOT)
