"""Scalers by load and by facts not yet read (KEDA)."""

from deploy.k8s.generate.form import Manifest, named
from deploy.k8s.generate.found import Workload
from kit.embedded.real import rights

WAITING = "100"
"""Facts of a topic not yet read, for which one more pod is wanted."""


def scaler(workload: Workload) -> Manifest:
    """More pods where processors are busy or facts wait; without an answer from the bus, the least."""
    values = workload.values
    least, most = int(values["least"]), int(values["most"])
    load = {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "65"}}
    return named(
        "keda.sh/v1alpha1",
        "ScaledObject",
        workload.host,
        values["namespace"],
        scaleTargetRef={"name": workload.host},
        minReplicaCount=least,
        maxReplicaCount=most,
        fallback={"failureThreshold": 5, "replicas": least},
        triggers=[load, *(lag(workload, topic) for topic in rights.read(workload.service))],
    )


def lag(workload: Workload, topic: str) -> Manifest:
    """Facts of a topic that the workload's group has not read."""
    told = {
        "bootstrapServers": "minzheng-kafka-bootstrap.minzheng-data:9092",
        "consumerGroup": workload.name,
        "topic": topic,
        "lagThreshold": WAITING,
        "limitToPartitionsWithLag": "true",
        "sasl": "scram_sha512",
        "tls": "enable",
    }
    who = {"name": "kafka", "kind": "ClusterTriggerAuthentication"}
    return {"type": "kafka", "metadata": told, "authenticationRef": who}
