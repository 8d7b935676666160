"""What is demanded of an overlay as a whole: its lists, addresses, settings and images."""

import re
import tomllib
from collections.abc import Iterator
from urllib.parse import urlsplit

from deploy.k8s.generate.found import PRODUCTION
from deploy.k8s.generate.lists import acls
from kit.doors import host
from kit.embedded.real import rights
from kit.embedded.workloads import service_names
from kit.settings import Settings
from tests.k8s.edges import different, features
from tests.k8s.rendering import ROOT, Pod, Rendered, names, settings_of
from tests.k8s.rules import Rule, ours

IMAGE = re.compile(r"[a-z0-9-]+(:[\w.-]+|@sha256:[0-9a-f]{64})?")
"""A name without a registry before it."""
DIGEST = re.compile(r"minzheng@sha256:[0-9a-f]{64}")
NOT_IN_PRODUCTION = ("DEM0", "simulator", "demo-", "realm.demo", "127.0.0.1", "localhost")
MADE = {
    "Cluster": ("{}-rw", {"5432"}),
    "Kafka": ("{}-kafka-bootstrap", {"9092"}),
    "Keycloak": ("{}-service", {"8080"}),
}
"""Services that an operator makes of its object."""
Found = tuple[str, str]


def workloads() -> tuple[str, ...]:
    """Services and the gateway."""
    return (*service_names(), "gateway")


def folders(rendered: Rendered) -> Iterator[str]:
    """The folders under `services/`, and the gateway, are what runs, migrates and scales."""
    wanted = {host(name) for name in workloads()}
    if wanted != {pod.name for pod in ours(rendered)}:
        yield f"runs {sorted(pod.name for pod in ours(rendered))}"
    for pod in ours(rendered):
        if pod.containers[0]["args"] != ["serve", pod.name.replace("-", "_")]:
            yield f"{pod.name}: {pod.containers[0]['args']}"


def migrations(rendered: Rendered) -> Iterator[str]:
    """A20: a Job for each database and release; nobody waits in an init container."""
    release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    wanted = {f"migrate-{host(name)}-{release.replace('.', '-')}" for name in workloads()}
    jobs = [one for one in rendered.of("Job") if one["metadata"]["name"].startswith("migrate-")]
    if names(jobs) != wanted:
        yield f"{sorted(names(jobs))}"
    for one in rendered.of("Job"):
        if not one["spec"].get("ttlSecondsAfterFinished"):
            yield f"{one['metadata']['name']} stays for good"
    for pod in rendered.pods():
        if "initContainers" in pod.spec:
            yield f"{pod.name} waits in an init container"


def known_settings(rendered: Rendered) -> Iterator[str]:
    """Every setting that is provided is one the code reads, and each process has its own."""
    known = {f"MINZHENG_{field.upper()}" for field in Settings.model_fields}
    for pod in rendered.pods():
        for row in pod.containers:
            told = settings_of(rendered, pod, row)
            for key in told.keys() - known:
                if not key.startswith("OTEL_"):
                    yield f"{pod.name}: {key}"
            for need in ("MINZHENG_PROFILE", "MINZHENG_EVENTS", "MINZHENG_POSTGRES_HOST"):
                if need not in told:
                    yield f"{pod.name}/{row['name']}: no {need}"


def addresses(rendered: Rendered) -> Iterator[str]:
    """What settings name is a Service of the overlay, or one that an operator makes of its object."""
    known = reachable(rendered)
    for pod in rendered.pods():
        for row in pod.containers:
            for key, place in inside(settings_of(rendered, pod, row)):
                if place not in known:
                    yield f"{pod.name}: {key} is at {place}"


def reachable(rendered: Rendered) -> set[str]:
    """Hosts and ports behind which there is something."""
    found = {
        f"{one['metadata']['name']}.{one['metadata']['namespace']}:{port['port']}"
        for one in rendered.of("Service")
        for port in one["spec"]["ports"]
    }
    for kind, (form, ports) in MADE.items():
        for one in rendered.of(kind):
            name, space = form.format(one["metadata"]["name"]), one["metadata"]["namespace"]
            found |= {f"{name}.{space}:{port}" for port in ports}
    return found


def inside(told: "dict[str, str] | object") -> Iterator[Found]:
    """Settings that name a place inside the cluster."""
    assert isinstance(told, dict)
    for name in service_names():
        yield "MINZHENG_ADDRESS", told["MINZHENG_ADDRESS"].removeprefix("dns:///").format(host=host(name))  # fmt: skip
    yield "MINZHENG_POSTGRES_HOST", f"{told['MINZHENG_POSTGRES_HOST']}:{told['MINZHENG_POSTGRES_PORT']}"  # fmt: skip
    yield "MINZHENG_KAFKA_SERVERS", told["MINZHENG_KAFKA_SERVERS"]
    for key in ("MINZHENG_ISSUER_ADDRESS", "MINZHENG_GATEWAY_URL"):
        yield key, told[key].partition("//")[2]


def images(rendered: Rendered) -> Iterator[str]:
    """Images without a registry's name; the product's is the same everywhere."""
    found = {row["image"] for pod in rendered.pods() for row in pod.containers}
    for image in found:
        if not IMAGE.fullmatch(image):
            yield image
    product = {image for image in found if re.split("[:@]", image)[0] == "minzheng"}
    if len(product) != 1:
        yield f"{sorted(product)}"


def production(rendered: Rendered) -> Iterator[str]:
    """A22, A23: by digest, with nothing of demonstration or development, and TLS inside."""
    for pod in rendered.pods():
        for row in pod.containers:
            told = settings_of(rendered, pod, row)
            if not DIGEST.fullmatch(row["image"]):
                yield f"{pod.name}: {row['image']}"
            if (told["MINZHENG_PROFILE"], told["MINZHENG_DEMO"]) != ("production", "false"):
                yield f"{pod.name}: not the production profile"
            for key, value in told.items():
                if any(word in value for word in NOT_IN_PRODUCTION):
                    yield f"{pod.name}: {key}={value}"
            for key in ("MINZHENG_PUBLIC_URL", "MINZHENG_ISSUER", "MINZHENG_GATEWAY_URL"):
                if not told[key].startswith("https://"):
                    yield f"{pod.name}: {key} in clear"
    yield from certificates(rendered)


def doors(rendered: Rendered) -> Iterator[str]:
    """A16: browsers, the edge, its certificates and the sign-on agree on the two names of the platform."""
    told = settings_of(rendered, ours(rendered)[0], ours(rendered)[0].containers[0])
    portal, issuer = (urlsplit(told[f"MINZHENG_{key}"]) for key in ("PUBLIC_URL", "ISSUER"))
    wanted = {portal.netloc, issuer.netloc}
    for one in rendered.of("Gateway"):
        if {row["hostname"] for row in one["spec"]["listeners"]} != wanted:
            yield f"the edge is called otherwise than {sorted(wanted)}"
        for row in one["spec"]["listeners"]:
            [named] = row["tls"]["certificateRefs"]
            shown = rendered.named("Certificate", named["name"])
            if shown["spec"]["dnsNames"] != [row["hostname"]]:
                yield f"{row['name']} shows no certificate of its own"
    for one in rendered.of("Keycloak"):
        if one["spec"]["hostname"]["hostname"] != f"https://{issuer.netloc}":
            yield "the sign-on calls itself otherwise"


def certificates(rendered: Rendered) -> Iterator[str]:
    """A11: each process has a certificate for the name it is called by, and reads it."""
    shown = {one["spec"]["secretName"]: one["spec"].get("dnsNames", ()) for one in rendered.of("Certificate")}  # fmt: skip
    for pod in ours(rendered):
        told = settings_of(rendered, pod, pod.containers[0])
        if f"{pod.name}.{pod.namespace}" not in shown.get(f"{pod.name}-tls", ()):
            yield f"{pod.name}: no certificate"
        if certificate_folder(pod, f"{pod.name}-tls") != told.get("MINZHENG_TLS"):
            yield f"{pod.name}: reads another certificate"


def certificate_folder(pod: Pod, secret: str) -> str | None:
    """Where a secret of several is mounted."""
    for volume in pod.spec["volumes"]:
        sources = volume.get("projected", {}).get("sources", ())
        if secret in [one.get("secret", {}).get("name") for one in sources]:
            [mount] = [row for row in pod.containers[0]["volumeMounts"] if row["name"] == volume["name"]]  # fmt: skip
            return str(mount["mountPath"])
    return None


def provided(rendered: Rendered) -> Iterator[str]:
    """A5: a secret that a pod or operator reads comes from the province's store, and no other does."""
    made = {(one["metadata"]["namespace"], one["spec"]["target"]["name"]) for one in rendered.of("ExternalSecret")}  # fmt: skip
    read = {
        (pod.namespace, row["secret"]["secretName"])
        for pod in rendered.pods()
        for row in pod.spec["volumes"]
        if "secret" in row
    }
    read |= {(pod.namespace, "kafka-ca") for pod in ours(rendered)}
    for one in rendered.of("Cluster"):
        rows = [
            *one["spec"]["managed"]["roles"],
            {"passwordSecret": one["spec"]["superuserSecret"]},
        ]
        read |= {("minzheng-data", row["passwordSecret"]["name"]) for row in rows}
    read |= {("minzheng-data", "kafka-users") for _ in rendered.of("Kafka")}
    read |= {("minzheng-data", "archive") for _ in rendered.of("ObjectStore")}
    read |= {("minzheng-iam", "keycloak-database") for _ in rendered.of("Keycloak")}
    for namespace, name in sorted(made ^ read):
        yield f"{namespace}/{name}: " + ("nobody reads it" if (namespace, name) in made else "not provided")  # fmt: skip


def databases(rendered: Rendered) -> Iterator[str]:
    """A4: a database for each workload and two roles, its owner the one who migrates."""
    config = Settings()
    wanted = {config.database(name) for name in (*workloads(), "keycloak")}
    found = {one["spec"]["name"]: one["spec"]["owner"] for one in rendered.of("Database")}
    if found != {name: f"{name}_owner" for name in wanted}:
        yield f"{found}"
    for one in rendered.of("Cluster"):
        roles = {row["name"] for row in one["spec"]["managed"]["roles"]}
        if roles != {f"{name}_{role}" for name in wanted for role in ("owner", "app")}:
            yield f"{sorted(roles)}"
        if [row["name"] for row in one["spec"]["managed"]["roles"] if row.get("superuser")]:
            yield "a role above all others"


def bus(rendered: Rendered) -> Iterator[str]:
    """A19: topics and rights on the bus are what facts and reactions declare, and nothing else."""
    topics = {one["spec"]["topicName"] for one in rendered.of("KafkaTopic")}
    if topics != rights.owners().keys() | rights.public().keys():
        yield f"{sorted(topics)}"
    declared = {host(one.name): acls(rights.workload(one)) for one in rights.services()}
    if "departments" in features(rendered):
        declared |= {one: acls(rights.department(one)) for one in rights.departments(PRODUCTION)}
    given = {one["metadata"]["name"]: one["spec"]["authorization"]["acls"] for one in rendered.of("KafkaUser")}  # fmt: skip
    for name in declared.keys() | given.keys():
        if declared.get(name) != given.get(name):
            yield f"{name}: {given.get(name)}"


ON_ALL: tuple[Rule, ...] = (folders, migrations, known_settings, addresses, images, different)
ON_PRODUCTION: tuple[Rule, ...] = (production, doors, provided, databases, bus)
