"""What there is to deploy, found by looking, as the templates need it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kit.doors import host
from kit.embedded.real import rights
from kit.server import Service
from kit.settings import Settings

ROOT = Path(__file__).parents[3]
EDGE, CORE, DATA, IAM = "minzheng-edge", "minzheng-core", "minzheng-data", "minzheng-iam"
PRODUCTION = Settings(events="kafka", sign_on="keycloak")
SIZES: Mapping[bool, Mapping[str, str]] = {
    True: {"least": "3", "most": "6", "priority": "minzheng-front"},
    False: {"least": "2", "most": "4", "priority": "minzheng-standard"},
}
"""Replicas and class of what people wait for, and of the rest; never more than a topic's partitions."""


@dataclass(frozen=True)
class Workload:
    """A process of ours with a database and a name on the bus."""

    service: Service

    @property
    def name(self) -> str:
        """As the code calls it."""
        return self.service.name

    @property
    def host(self) -> str:
        """As Kubernetes calls it."""
        return host(self.name)

    @property
    def gateway(self) -> bool:
        """It is the door: its manifests are written by hand, its lists are not."""
        return self.name == "gateway"

    @property
    def database(self) -> str:
        """Name of its database; its roles begin with it."""
        return PRODUCTION.database(self.name)

    @property
    def values(self) -> Mapping[str, str]:
        """What the templates are filled with."""
        return {
            "name": self.name,
            "host": self.host,
            "namespace": EDGE if self.gateway else CORE,
            "database": self.database,
            "release": release(),
            **SIZES[self.service.front],
        }


def workloads() -> tuple[Workload, ...]:
    """The gateway and every service, by name."""
    return tuple(sorted(map(Workload, rights.services()), key=lambda one: one.name))


def release() -> str:
    """The release as a name may contain it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"]).replace(".", "-")
