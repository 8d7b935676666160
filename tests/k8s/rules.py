"""What this project demands of the pods in an overlay: each rule yields what breaks it.

The letters are the acceptance list of the design (A1 to A23).
"""

from collections.abc import Callable, Iterator

from kit.log.port import PARTITIONS
from kit.server import GRACE, HEALTH
from tests.k8s.rendering import Pod, Rendered, names, settings_of

OURS = ("gateway", "service")
FRONT = "minzheng-front"
LEAST = {FRONT: 3, "minzheng-standard": 2}
FLUSH_SECONDS = 5
"""For telemetry, pools and the lock of the relay after the last call has ended."""
RESTRICTED = ("minzheng-edge", "minzheng-core", "minzheng-data")
Rule = Callable[[Rendered], Iterator[str]]


def ours(rendered: Rendered) -> list[Pod]:
    """Pods of our long-running workloads."""
    return [pod for pod in rendered.pods("Deployment") if pod.part in OURS]


def single(rendered: Rendered) -> bool:
    """The overlay is for one machine: one pod each."""
    return all(one["spec"]["maxReplicas"] == 1 for one in rendered.of("HorizontalPodAutoscaler"))


def standards(rendered: Rendered) -> Iterator[str]:
    """A1: pods of ours only where the strictest standard is enforced; Keycloak under the next."""
    level = {one["metadata"]["name"]: one["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") for one in rendered.of("Namespace")}  # fmt: skip
    for name in RESTRICTED:
        if level.get(name) != "restricted":
            yield f"{name}: {level.get(name)}"
    for pod in rendered.pods():
        if level.get(pod.namespace) not in ("restricted", "baseline"):
            yield f"{pod.name} in {pod.namespace}"


def accounts(rendered: Rendered) -> Iterator[str]:
    """A2: an account of its own without a token, and no right at the API server."""
    known = {
        (one["metadata"]["namespace"], one["metadata"]["name"]): one.get(
            "automountServiceAccountToken"
        )
        for one in rendered.of("ServiceAccount")
    }
    for pod in rendered.pods():
        account = (pod.namespace, pod.spec.get("serviceAccountName", "default"))
        if pod.spec.get("automountServiceAccountToken") is not False:
            yield f"{pod.name}: a token is mounted"
        if known.get(account) is not False:
            yield f"{pod.name}: account {account[1]}"
    for one in rendered.of("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"):
        yield f"{one['kind']} {one['metadata']['name']}"


def locked(rendered: Rendered) -> Iterator[str]:
    """A3: uid 10001, nothing to write on but bounded folders, no capability, no way to gain one."""
    account = {"runAsNonRoot": True, "runAsUser": 10001, "runAsGroup": 10001, "seccompProfile": {"type": "RuntimeDefault"}}  # fmt: skip
    wanted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}  # fmt: skip
    for pod in rendered.pods():
        if not account.items() <= pod.spec.get("securityContext", {}).items():
            yield f"{pod.name}: account of the pod"
        for row in pod.containers:
            if row.get("securityContext") != wanted:
                yield f"{pod.name}/{row['name']}: rights of the container"
        for volume in pod.spec.get("volumes", ()):
            if "emptyDir" in volume and not volume["emptyDir"].get("sizeLimit"):
                yield f"{pod.name}: {volume['name']} without a bound"
            if volume.keys() & {"hostPath", "nfs"}:
                yield f"{pod.name}: {volume['name']} of the machine"
        if pod.spec.keys() & {"hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"}:
            yield f"{pod.name}: the machine's own"


def secret_files(rendered: Rendered) -> Iterator[str]:
    """A5: secrets are read-only files, in no environment and no ConfigMap; none is in the overlay."""
    for pod in rendered.pods():
        secret = {one["name"] for one in pod.spec.get("volumes", ()) if "secret" in one}
        for row in pod.containers:
            if any("secretRef" in one for one in row.get("envFrom", ())):
                yield f"{pod.name}: a secret in the environment"
            if any("valueFrom" in one for one in row.get("env", ())):
                yield f"{pod.name}: a value from elsewhere in the environment"
            for mount in row.get("volumeMounts", ()):
                if mount["name"] in secret and not mount.get("readOnly"):
                    yield f"{pod.name}: {mount['name']} can be written"


def nothing_secret(rendered: Rendered) -> Iterator[str]:
    """A5: no secret is in the overlay, and nothing that sounds like one in a ConfigMap."""
    for one in rendered.of("Secret"):
        yield f"Secret {one['metadata']['name']} in the repository"
    for one in rendered.of("ConfigMap"):
        for key in one.get("data", {}):
            if any(word in key.upper() for word in ("PASSWORD", "SECRET", "TOKEN")):
                yield f"{one['metadata']['name']}: {key}"


def sizes(rendered: Rendered) -> Iterator[str]:
    """A6: a class, requests everywhere, memory as much as asked for; no processor limit on our doors.

    A class says who is placed first: nobody's last replica is ended for somebody's next.
    """
    classes = names(rendered.of("PriorityClass"))
    for one in rendered.of("PriorityClass"):
        if one.get("preemptionPolicy") != "Never":
            yield f"{one['metadata']['name']} ends pods of other classes"
    for pod in rendered.pods():
        if pod.spec.get("priorityClassName") not in classes:
            yield f"{pod.name}: class {pod.spec.get('priorityClassName')}"
        for row in pod.containers:
            told = row.get("resources", {})
            asked, limit = told.get("requests", {}), told.get("limits", {})
            if not {"cpu", "memory"} <= asked.keys():
                yield f"{pod.name}/{row['name']}: asks for {sorted(asked)}"
            if limit.get("memory") != asked.get("memory"):
                yield f"{pod.name}/{row['name']}: memory {asked.get('memory')} to {limit.get('memory')}"  # fmt: skip
            if "cpu" in limit:
                yield f"{pod.name}/{row['name']}: a processor limit"


def spread(rendered: Rendered) -> Iterator[str]:
    """A7: pods of a kind on different machines, also while one is lost or a new release comes."""
    if single(rendered):
        return
    for pod in ours(rendered):
        rows = pod.spec.get("topologySpreadConstraints", ())
        wanted = {"whenUnsatisfiable": "DoNotSchedule", "nodeTaintsPolicy": "Honor", "maxSkew": 1}
        if "kubernetes.io/hostname" not in {row["topologyKey"] for row in rows}:
            yield f"{pod.name}: not over machines"
        for row in rows:
            if not wanted.items() <= row.items():
                yield f"{pod.name}: {row['topologyKey']}"
            keys = row["matchLabelKeys"]
            own = row["labelSelector"].get("matchLabels") == {"minzheng-workload": pod.name}
            if "pod-template-hash" not in keys or not (own or "minzheng-workload" in keys):
                yield f"{pod.name}: {row['topologyKey']} counts others"


def disruption(rendered: Rendered) -> Iterator[str]:
    """A8: one pod at a time may go, a release takes none away before the next serves."""
    budgets = {
        one["spec"]["selector"]["matchLabels"]["minzheng-workload"]: one["spec"]
        for one in rendered.of("PodDisruptionBudget")
    }
    for one in rendered.of("Deployment"):
        name = one["spec"]["selector"]["matchLabels"]["minzheng-workload"]
        if budgets.get(name, {}).get("maxUnavailable") != 1:
            yield f"{name}: no budget"
        if one["spec"].get("strategy", {}).get("rollingUpdate") != {"maxUnavailable": 0, "maxSurge": 1}:  # fmt: skip
            yield f"{name}: its releases"
        if one["spec"].get("minReadySeconds") != 5:
            yield f"{name}: ready at once"


def patience(rendered: Rendered) -> Iterator[str]:
    """A9: pods of a lost machine are replaced after 30 s."""
    for pod in ours(rendered):
        seconds = {row["key"]: row.get("tolerationSeconds") for row in pod.spec.get("tolerations", ())}  # fmt: skip
        if seconds != dict.fromkeys(("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"), 30):  # fmt: skip
            yield f"{pod.name}: {seconds}"


def scalers(rendered: Rendered) -> Iterator[str]:
    """A10: one scaler each, between the least that its class asks for and the partitions it reads."""
    rows = [
        (one["spec"]["scaleTargetRef"]["name"], one["spec"].get("minReplicas", one["spec"].get("minReplicaCount")), one["spec"].get("maxReplicas", one["spec"].get("maxReplicaCount")))
        for one in rendered.of("HorizontalPodAutoscaler", "ScaledObject")
    ]  # fmt: skip
    for pod in ours(rendered):
        found = [row for row in rows if row[0] == pod.name]
        least = 1 if single(rendered) else LEAST[pod.spec["priorityClassName"]]
        if len(found) != 1 or not least <= found[0][1] <= found[0][2] <= PARTITIONS:
            yield f"{pod.name}: {found}"
    for one in rendered.of("Deployment"):
        if "replicas" in one["spec"]:
            yield f"{one['metadata']['name']}: number and scaler"


def probes(rendered: Rendered) -> Iterator[str]:
    """A11, A12: three probes under names that the code tells, on the port without certificates."""
    for pod in ours(rendered):
        row = pod.containers[0]
        told = [row.get(f"{kind}Probe", {}) for kind in ("startup", "readiness", "liveness")]
        if pod.part == "gateway":
            found = [one.get("httpGet", {}).get("path") for one in told]
            wanted = [f"/health/{kind}" for kind in ("startup", "readiness", "liveness")]
        else:
            found = [one.get("grpc", {}).get("service", "") for one in told]
            wanted = list(HEALTH)
            listen = settings_of(rendered, pod, row).get("MINZHENG_HEALTH_LISTEN", "")
            ports = {one.get("grpc", {}).get("port") for one in told}
            if ports != {int(listen.rpartition(":")[2] or 0)}:
                yield f"{pod.name}: probes ask {ports}, health is at {listen}"
        if found != wanted:
            yield f"{pod.name}: {found}"


def heads(rendered: Rendered) -> Iterator[str]:
    """A13: services are found pod by pod."""
    for pod in ours(rendered):
        if pod.part == "service":
            spec = rendered.named("Service", pod.name, pod.namespace)["spec"]
            if spec.get("clusterIP") != "None" or spec["ports"][0].get("appProtocol") != "grpc":
                yield f"{pod.name}: one address for all"


def drains(rendered: Rendered) -> Iterator[str]:
    """A15: the endpoint leaves, calls end, telemetry is flushed, all before the process is killed."""
    for pod in ours(rendered):
        sleep = pod.containers[0].get("lifecycle", {}).get("preStop", {}).get("sleep", {})
        leaves = sleep.get("seconds", 0)
        grace = pod.spec.get("terminationGracePeriodSeconds", 30)
        if leaves < 5 or grace < leaves + GRACE + FLUSH_SECONDS:
            yield f"{pod.name}: {leaves} s of {grace} s"


def mounted(rendered: Rendered) -> Iterator[str]:
    """What is mounted is declared, what is declared is mounted, and claims are in the overlay."""
    claims = {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in rendered.of("PersistentVolumeClaim")}  # fmt: skip
    for one in rendered.of("StatefulSet"):
        space, own = one["metadata"]["namespace"], one["spec"].get("volumeClaimTemplates", ())
        claims |= {(space, row["metadata"]["name"]) for row in own}
    for pod in rendered.pods():
        volumes = {row["name"]: row for row in pod.spec.get("volumes", ())}
        used = {row["name"] for one in pod.containers for row in one.get("volumeMounts", ())}
        for name in used ^ volumes.keys():
            if pod.kind != "StatefulSet" or (pod.namespace, name) not in claims:
                yield f"{pod.name}: {name} is mounted or declared, not both"
        for row in volumes.values():
            claim = row.get("persistentVolumeClaim", {}).get("claimName")
            if claim and (pod.namespace, claim) not in claims:
                yield f"{pod.name}: no claim {claim}"


ON_PODS: tuple[Rule, ...] = (
    standards, accounts, locked, secret_files, nothing_secret, sizes, spread, disruption, patience, scalers, probes,
    heads, drains, mounted,
)  # fmt: skip
