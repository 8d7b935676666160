"""`make manifests`: write what names services; with `--check`: say what differs and end with 1."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

import yaml

from deploy.k8s.generate import lists, scalers, secrets
from deploy.k8s.generate.form import Manifest, kustomization
from deploy.k8s.generate.found import CORE, DATA, EDGE, IAM, ROOT, Workload, release, workloads
from deploy.k8s.generate.watching import absent, dashboards, maps, objectives

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
PLACE = ROOT / "deploy" / "k8s"
WATCHING = ROOT / "deploy" / "observability"
HEAD = "# Written by `make manifests`.\n"


def generated() -> Mapping[Path, str]:
    """Every generated file by its place."""
    found = workloads()
    manifests = {PLACE / name: HEAD + text for name, text in (*folders(found), *listed(found))}
    rules = {name: HEAD + dump(one) for name, one in ruled(found)}
    boards = dict(dashboards.boards(found))
    watching = dump(*maps.maps(absent.CAUSES, rules, boards))
    return {
        **manifests,
        PLACE / "platform" / "observability" / "watching.yaml": HEAD + watching,
        **{WATCHING / "rules" / name: text for name, text in rules.items()},
        **{WATCHING / "dashboards" / f"{name}.json": written(one) for name, one in boards.items()},
    }


def written(board: Manifest) -> str:
    """JSON as people read changes of it."""
    return json.dumps(board, ensure_ascii=False, indent=1) + "\n"


def ruled(found: tuple[Workload, ...]) -> Iterator[tuple[str, Manifest]]:
    """Rules that are computed: shares of objectives and how fast they burn, signals that are missing."""
    yield "objectives.yaml", objectives.groups()
    yield "absent.yaml", absent.ours(found)
    yield "absent-platform.yaml", absent.platform()


def folders(found: tuple[Workload, ...]) -> Iterator[tuple[str, str]]:
    """A folder of each service below `base`, and their list; the gateway's own is written by hand."""
    fixed = ("namespaces.yaml", "priorities.yaml", "deny.yaml", "data.yaml", "storage.yaml")
    resources = [*fixed, *(one.host for one in found)]
    yield "base/kustomization.yaml", dump(kustomization(resources, **settings_maps()))
    for one in found:
        parts = ("migration.yaml",) if one.gateway else ("service.yaml", "policies.yaml", "migration.yaml")  # fmt: skip
        for part in parts:
            yield f"base/{one.host}/{part}", filled(part, one.values)
        if not one.gateway:
            yield f"base/{one.host}/kustomization.yaml", dump(kustomization(parts))


def settings_maps() -> Mapping[str, object]:
    """Settings of all processes; a changed one has another name, which rolls the pods."""
    maps = [
        {"name": "settings", "namespace": namespace, "envs": ["settings.env"]}
        for namespace in (EDGE, CORE, DATA, IAM)
    ]
    return {"configMapGenerator": maps}


def listed(found: tuple[Workload, ...]) -> Iterator[tuple[str, str]]:
    """Databases, topics, users and secrets of a production platform."""
    yield "platform/cnpg/databases.yaml", dump(*lists.databases(found))
    yield "platform/cnpg/roles.yaml", dump(lists.roles(found))
    yield "platform/strimzi/topics.yaml", dump(*lists.topics())
    yield "platform/strimzi/users.yaml", dump(*lists.users(found))
    yield "components/departments/users.yaml", dump(*lists.departments())
    yield "platform/cnpg/rights.yaml", operator("rights", "prepare, --only-rights")
    yield "components/lite/operator.yaml", operator("prepare", "prepare")
    yield "components/external-secrets/secrets.yaml", dump(*secrets.secrets(found))
    yield "components/mtls/certificates.yaml", dump(*map(lists.certificate, found))
    yield "components/keda/scalers.yaml", dump(*map(scalers.scaler, found))


def operator(job: str, arguments: str) -> str:
    """A Job of the operator."""
    return filled("operator.yaml", {"job": job, "arguments": arguments, "release": release()})


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with these values."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    return Template(text).substitute(values)


def dump(*manifests: Manifest) -> str:
    """YAML of some objects."""
    return yaml.safe_dump_all(manifests, sort_keys=False, width=1000, allow_unicode=True)


def strange(wanted: Mapping[Path, str]) -> list[Path]:
    """Generated files that nothing asks for any more."""
    files = (file for root in (PLACE, WATCHING) for file in root.rglob("*.yaml"))
    headed = (
        file for file in files if HERE not in file.parents and file.read_text().startswith(HEAD)
    )
    return [file for file in (*headed, *WATCHING.rglob("*.json")) if file not in wanted]


def differing(wanted: Mapping[Path, str]) -> list[Path]:
    """Files that are missing, differ or are too many."""
    changed = [file for file, text in wanted.items() if not file.exists() or file.read_text() != text]  # fmt: skip
    return sorted(changed + strange(wanted))


def write(wanted: Mapping[Path, str]) -> None:
    """Write them all, and remove what nothing asks for."""
    for file in strange(wanted):
        file.unlink()
    for file, text in wanted.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def main(check: bool) -> int:
    """The exit code."""
    wanted = generated()
    if not check:
        write(wanted)
        return 0
    found = differing(wanted)
    for file in found:
        print(f"not as `make manifests` writes it: {file.relative_to(ROOT)}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main("--check" in sys.argv[1:]))
