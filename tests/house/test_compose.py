"""The compose files: valid, equal to the folders, hardened, closed; nothing secret in them."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from kit.embedded.hand_out import ALL, shares
from kit.embedded.workloads import service_names
from kit.settings import Settings

ROOT = Path(__file__).parents[2]
MAIN = ROOT / "docker-compose.yml"
FILES = sorted(ROOT.glob("*compose*.yml"))
DOORS = {"gateway": "MINZHENG_HTTP_BIND", "keycloak": "MINZHENG_ISSUER_BIND"}
IMAGE = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)?(:[\w.-]+)?")
"""A name of Docker's own library or of this machine: no registry before it."""
Row = Mapping[str, Any]


def services(file: Path) -> dict[str, Row]:
    found: dict[str, Row] = yaml.safe_load(file.read_text(encoding="utf-8"))["services"]
    return found


SERVICES = services(MAIN)
BACKUP = ROOT / "compose.backup.yml"
TOOLS = {name: row for name, row in services(BACKUP).items() if name not in SERVICES}
"""Containers that a command starts and that end with it, and whose secrets they are given."""
LENT = {"backup": "postgres", "restore": "operator"}
EVERY = SERVICES | TOOLS


def test_the_schema_of_compose_is_kept() -> None:
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec")
    done = subprocess.run((*command, *FILES), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_old_readers_read_it_and_no_registry_is_named(file: Path) -> None:
    assert {"name", "version", "secrets", "configs", "include"}.isdisjoint(
        yaml.safe_load(file.read_text())
    )
    images = [row["image"] for row in services(file).values() if "image" in row]
    assert [image for image in images if not IMAGE.fullmatch(image)] == []


def test_the_image_file_is_in_order() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run((hadolint, ROOT / "Dockerfile"), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_services_are_the_folders_and_the_gateway() -> None:
    serving = {
        name: row["command"] for name, row in SERVICES.items() if "serve" in row.get("command", ())
    }
    assert serving == {name: ["serve", name] for name in (*service_names(), "gateway")}


@pytest.mark.parametrize("name", EVERY)
def test_a_container_has_no_more_than_it_needs(name: str) -> None:
    row = EVERY[name]
    assert row["read_only"] is True
    assert row["cap_drop"] == ["ALL"]
    assert row["security_opt"] == ["no-new-privileges:true"]
    assert row["user"] == "10001:10001"
    assert row["mem_limit"]
    assert all("size=" in place for place in row["tmpfs"])
    assert {
        "privileged",
        "cap_add",
        "network_mode",
        "pid",
        "ipc",
        "devices",
        "env_file",
    }.isdisjoint(row)
    assert ("outside" in row["networks"]) == (name in DOORS)


@pytest.mark.parametrize("name", EVERY)
def test_only_the_doors_are_published_on_loopback(name: str) -> None:
    ports = EVERY[name].get("ports", [])
    assert bool(ports) == (name in DOORS)
    for port in ports:
        assert re.fullmatch(rf"\$\{{{DOORS[name]}:-127\.0\.0\.1:\d+\}}:\d+", port)


@pytest.mark.parametrize("name", EVERY)
def test_it_is_told_what_the_settings_know_and_nothing_secret(name: str) -> None:
    told = EVERY[name]["environment"] | services(BACKUP).get(name, {}).get("environment", {})
    known = {f"MINZHENG_{field.upper()}" for field in Settings.model_fields}
    assert {key for key in told if not key.startswith("OTEL_")} <= known
    assert not [key for key in told if re.search("PASSWORD|SECRET|TOKEN|KEY", key)]


@pytest.mark.parametrize("name", EVERY)
def test_it_is_given_its_own_secrets_only(name: str) -> None:
    mounted = [place for place in EVERY[name].get("volumes", ()) if ":/run/secrets" in place]
    folder = LENT.get(name, name)
    expected = f"${{MINZHENG_SECRETS:-./var/compose/secrets}}/{folder}:/run/secrets:ro"
    has = {*shares(Settings(events="kafka")), ALL, *LENT}
    assert mounted == ([expected] if name in has else [])
    assert name in has | {"keys"}


def test_volumes_lie_where_the_image_has_a_folder_for_them() -> None:
    made = re.search(r"for folder in ([^;]+);", (ROOT / "Dockerfile").read_text())
    assert made
    folders = {str(Path("/var/lib/minzheng") / name) for name in made[1].split()}
    places = {
        place.split(":")[1]
        for row in EVERY.values()
        for place in row.get("volumes", ())
        if not place.startswith("$")
    }
    assert places <= folders
    named = {
        place.split(":")[0]
        for row in EVERY.values()
        for place in row.get("volumes", ())
        if not place.startswith("$")
    }
    assert named == set(yaml.safe_load(MAIN.read_text())["volumes"])


def test_backups_are_written_by_who_makes_them_and_the_private_key_is_nobodys() -> None:
    places = {name: row.get("volumes", ()) for name, row in services(BACKUP).items()}
    may_write = {
        name for name, found in places.items() for one in found if one.endswith(":/backup")
    }
    assert may_write == {"postgres", *TOOLS}
    assert not [one for found in places.values() for one in found if "key" in one]
    assert all(row["profiles"] == ["tools"] for row in TOOLS.values())
