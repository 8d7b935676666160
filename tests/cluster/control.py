"""The control plane: etcd, API server, controllers, scheduler in one namespace."""

from dataclasses import dataclass

from tests.cluster.machine import Machine, run
from tests.cluster.papers import Papers
from tests.cluster.programs import program
from tests.compose.stack import until

SERVICES = "10.96.0.0/12"
FIRST = "10.96.0.1"
"""The API server's own address among services."""
PODS = "10.244.0.0/16"
FRONT = "front"


@dataclass
class Control:
    """The machine, and the papers by which all know each other."""

    machine: Machine
    papers: Papers

    @property
    def access(self) -> str:
        """The administrator's kubeconfig."""
        return str(self.papers.path("admin.conf"))

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        """What kubectl says."""
        return run(program("kubectl"), "--kubeconfig", self.access, *arguments, stdin=stdin, check=check)  # fmt: skip

    def start(self) -> None:
        """Start; returns when the API server is ready."""
        papers, machine = self.papers, self.machine
        machine.start("/usr/bin/etcd", f"--data-dir={machine.folder}/etcd", "--unsafe-no-fsync")
        kinds = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost")
        papers.sign("server", "server", "", *kinds, "127.0.0.1", FIRST, machine.address)
        papers.sign("kubelet-client", "server", "system:masters")
        papers.sign("front", FRONT)
        papers.access("admin", "admin", "system:masters")
        machine.start(program("kube-apiserver"), *self._server())
        until(
            "the API server", lambda: self.kubectl("get", "--raw", "/readyz", check=False) == "ok"
        )
        self._controllers()

    def _server(self) -> tuple[str, ...]:
        at = self.papers.path
        return (
            "--etcd-servers=http://127.0.0.1:2379", f"--service-cluster-ip-range={SERVICES}",
            f"--advertise-address={self.machine.address}", "--allow-privileged",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={at('accounts.pub')}",
            f"--service-account-signing-key-file={at('accounts.key')}",
            f"--tls-cert-file={at('server.crt')}", f"--tls-private-key-file={at('server.key')}",
            f"--client-ca-file={at('ca.crt')}", f"--kubelet-certificate-authority={at('ca.crt')}",
            f"--kubelet-client-certificate={at('kubelet-client.crt')}",
            f"--kubelet-client-key={at('kubelet-client.key')}",
            "--kubelet-preferred-address-types=InternalIP", "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction", "--enable-aggregator-routing=true",
            f"--requestheader-client-ca-file={at('ca.crt')}",
            f"--requestheader-allowed-names={FRONT}",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-username-headers=X-Remote-User",
            f"--proxy-client-cert-file={at('front.crt')}",
            f"--proxy-client-key-file={at('front.key')}",
        )  # fmt: skip

    def _controllers(self) -> None:
        for name in ("controller-manager", "scheduler"):
            config = self.papers.access(name, f"system:kube-{name}")
            arguments = [f"--{kind}={config}" for kind in ("kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig")]  # fmt: skip
            arguments.append("--leader-elect=false")
            if name == "controller-manager":
                arguments += [
                    f"--root-ca-file={self.papers.path('ca.crt')}",
                    f"--service-account-private-key-file={self.papers.path('accounts.key')}",
                    "--use-service-account-credentials",
                ]
            self.machine.start(program(f"kube-{name}"), *arguments)
