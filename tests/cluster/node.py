"""A node: containerd, kubelet, kube-proxy and who enforces the policies, in a namespace of their own."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.control import PODS, SERVICES, Control
from tests.cluster.machine import Machine, run
from tests.cluster.programs import PLUGINS, program
from tests.compose.stack import until

DNS = "10.96.0.10"
FIREWALL = "firewall"
"""Whom the API server knows kube-router as."""
GROUPS = Path("/sys/fs/cgroup")
PAUSE = "cluster-pause:1"
CONTAINERD = """version = 2
root = "{folder}/root"
state = "{folder}/state"
oom_score = 0
[grpc]
address = "{folder}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{pause}"
restrict_oom_score_adj = true
disable_apparmor = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{plugins}"
conf_dir = "{folder}/cni"
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
"""


@dataclass
class Node:
    """A machine on which pods run."""

    machine: Machine
    control: Control

    @property
    def socket(self) -> str:
        """Where its containerd listens."""
        return f"{self.machine.folder}/containerd.sock"

    def ctr(self, *arguments: str) -> str:
        """What `ctr` says."""
        return run("ctr", "-a", self.socket, "-n", "k8s.io", *arguments)

    def start(self) -> None:
        """Start containerd; `join` follows once its images are there."""
        folder = self.machine.folder
        (folder / "cni").mkdir(parents=True, exist_ok=True)
        (folder / "cni" / "10-pods.conflist").write_text(json.dumps(self._network()))
        text = CONTAINERD.format(folder=folder, pause=PAUSE, plugins=PLUGINS)
        (folder / "containerd.toml").write_text(text)
        self.machine.start("/usr/bin/containerd", "--config", f"{folder}/containerd.toml")
        until("containerd", Path(self.socket).exists)

    def take(self, archive: Path) -> None:
        """Import images."""
        self.ctr("images", "import", str(archive))

    def join(self) -> None:
        """Start kubelet, kube-proxy and kube-router, of which only the firewall."""
        name, papers = self.machine.name, self.control.papers
        config = papers.access(name, f"system:node:{name}", "system:nodes")
        papers.sign(f"{name}-server", name, "", name, self.machine.address)
        for hierarchy in GROUPS.iterdir():
            if (hierarchy / "cgroup.procs").exists():
                (hierarchy / name).mkdir(exist_ok=True)
        file = self.machine.folder / "kubelet.yaml"
        file.write_text(json.dumps(self._kubelet()))
        self.machine.start(
            program("kubelet"), f"--config={file}", f"--kubeconfig={config}",
            f"--hostname-override={name}", f"--node-ip={self.machine.address}",
            f"--root-dir={self.machine.folder}/kubelet",
        )  # fmt: skip
        self._proxy()
        self._firewall()

    def ready(self) -> bool:
        """Says so itself."""
        form = "jsonpath={.status.conditions[?(@.type=='Ready')].status}"
        return (
            self.control.kubectl("get", "node", self.machine.name, "-o", form, check=False)
            == "True"
        )

    def _kubelet(self) -> dict[str, object]:
        at, name = self.control.papers.path, self.machine.name
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
            "authentication": {
                "anonymous": {"enabled": False}, "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(at("ca.crt"))},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": str(at(f"{name}-server.crt")),
            "tlsPrivateKeyFile": str(at(f"{name}-server.key")),
            "containerRuntimeEndpoint": f"unix://{self.socket}",
            "clusterDNS": [DNS], "clusterDomain": "cluster.local",
            "cgroupDriver": "cgroupfs", "cgroupRoot": f"/{name}", "failCgroupV1": False,
            "failSwapOn": False, "oomScoreAdj": 0, "resolvConf": "/dev/null",
            "podLogsDir": str(self.machine.folder / "logs"),
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
            "imageGCHighThresholdPercent": 100,
        }  # fmt: skip

    def _proxy(self) -> None:
        access = self.control.papers.access(f"{self.machine.name}-proxy", "system:kube-proxy")
        told = {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": str(access)}, "mode": "iptables",
            "clusterCIDR": PODS, "hostnameOverride": self.machine.name,
            "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        }  # fmt: skip
        file = self.machine.folder / "proxy.yaml"
        file.write_text(json.dumps(told))
        self.machine.start(program("kube-proxy"), f"--config={file}")

    def _firewall(self) -> None:
        """It ends at once where its node is not known yet."""
        name = ("get", "node", self.machine.name, "--ignore-not-found", "-o", "name")
        until("the node", lambda: bool(self.control.kubectl(*name)))
        access = self.control.papers.access(f"{self.machine.name}-firewall", FIREWALL)
        self.machine.start(
            program("kube-router"), f"--kubeconfig={access}", "--run-firewall", "--run-router=false",
            "--run-service-proxy=false", "--enable-cni=false", "--health-port=0",
            f"--service-cluster-ip-range={SERVICES}", f"--hostname-override={self.machine.name}",
        )  # fmt: skip

    def _network(self) -> dict[str, object]:
        ranges = {"type": "host-local", "ranges": [[{"subnet": self.machine.pods}]], "routes": [{"dst": "0.0.0.0/0"}]}  # fmt: skip
        bridge = {"type": "bridge", "bridge": "pods", "isGateway": True, "ipMasq": False, "hairpinMode": True, "ipam": ranges}  # fmt: skip
        ports = {"type": "portmap", "capabilities": {"portMappings": True}}
        return {"cniVersion": "1.0.0", "name": "pods", "plugins": [bridge, ports]}
