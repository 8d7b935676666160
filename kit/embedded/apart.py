"""A platform of its own beside others: free ports, everything in one folder (demo, tests)."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from kit.embedded.look import answers_well

FIRST, LAST = 20_000, 32_000
"""Ports below the ephemeral range."""
ANSWER_SECONDS = 5.0


def free_ports(count: int) -> list[int]:
    """Ports nobody uses now; different processes begin to look at different places."""
    found: list[int] = []
    for port in range(FIRST + os.getpid() * 7 % 10_000, LAST):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError("no free ports")


def answers(settings: Mapping[str, str]) -> bool:
    """The door and the sign-on of such a platform are both ready."""
    door = f"{settings['MINZHENG_PUBLIC_URL']}/health/readiness"
    issuer = f"{settings['MINZHENG_ISSUER']}/.well-known/openid-configuration"
    return all(answers_well(url, ANSWER_SECONDS) for url in (door, issuer))


def environment(var: Path) -> dict[str, str]:
    """Settings of a platform in `var`, without demo filings."""
    http, issuer, database, kafka, departments, controller, health = free_ports(7)
    return {
        "MINZHENG_VAR": str(var),
        "MINZHENG_HTTP_PORT": str(http),
        "MINZHENG_PUBLIC_URL": f"http://127.0.0.1:{http}",
        "MINZHENG_ISSUER_PORT": str(issuer),
        "MINZHENG_ISSUER": f"http://127.0.0.1:{issuer}/realms/minzheng",
        "MINZHENG_POSTGRES_PORT": str(database),
        "MINZHENG_KAFKA_PORT": str(kafka),
        "MINZHENG_KAFKA_DEPARTMENTS_PORT": str(departments),
        "MINZHENG_KAFKA_CONTROLLER_PORT": str(controller),
        "MINZHENG_KEYCLOAK_HEALTH_PORT": str(health),
        "MINZHENG_DEMO": "0",
    }
