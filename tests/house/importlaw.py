"""The law of imports, written from the folders that are there, and held by import-linter.

python -m tests.house.importlaw        # prints broken contracts, exits non-zero
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PURE = (
    "acting", "errors", "names", "regions", "rules", "calendar", "codes", "data", "masks", "papers", "plain",
)  # fmt: skip
"""Parts of kit that a domain may reach."""
BELOW_CALENDAR = "chinese_calendar"
OURS = {"kit", "services", "gateway", "tests"}
BANDS = (("service",), ("rpc", "reactions", "timers"), ("store",), ("domain",))
"""Rooms of a service, from the top; rooms of one band do not know each other, and there is no other."""


def names(folder: Path) -> list[str]:
    """Modules and packages directly in a folder."""
    found = {path.stem for path in folder.glob("*.py")} | {
        path.name for path in folder.iterdir() if (path / "__init__.py").exists()
    }
    return sorted(found - {"__init__"})


def services(root: Path) -> list[str]:
    """Folders with a `service.py`."""
    return sorted(path.parent.name for path in (root / "services").glob("*/service.py"))


PAGES = "gateway.portal.pages"
NO_PAGE = ("acting", "database", "log", "outbox", "sql", "store", "tables", "unit")
"""Parts of kit that are no page's business."""


def not_for_pages(root: Path) -> list[str]:
    """What a page may not import: the gateway beside the portal, stores, every framework."""
    gateway = [f"gateway.{name}" for name in names(root / "gateway") if name != "portal"]
    kit = [f"kit.{name}" for name in names(root / "kit") if name in NO_PAGE]
    return [*gateway, *kit, "services", "starlette", "fastapi", "sqlalchemy", "asyncpg", "grpc"]


def domains(root: Path) -> list[str]:
    """The domain of every service that has one."""
    return [
        f"services.{name}.domain"
        for name in services(root)
        if "domain" in names(root / "services" / name)
    ]


def outside(root: Path) -> list[str]:
    """What a domain may not reach: every installed package, generated code, the rest of kit."""
    installed = {name for name in packages_distributions() if name.isidentifier()}
    foreign = {*installed - OURS - {BELOW_CALENDAR}, "proto"}
    return [*sorted(foreign), *(f"kit.{name}" for name in names(root / "kit") if name not in PURE)]


def contract(key: str, title: str, kind: str, **fields: str | Iterable[str]) -> str:
    """A section of import-linter's configuration."""
    lines = [f"[importlinter:contract:{key}]", f"name = {title}", f"type = {kind}"]
    for name, value in fields.items():
        text = value if isinstance(value, str) else "".join(f"\n    {item}" for item in value)
        lines.append(f"{name} ={'' if text.startswith(chr(10)) else ' '}{text}")
    return "\n".join(lines)


def rules(root: Path) -> str:
    """The whole configuration for a tree."""
    found = services(root)
    bands = [" | ".join(f"({room})" for room in band) for band in BANDS]
    head = "[importlinter]\nroot_packages =\n    kit\n    services\n    gateway\n    proto\ninclude_external_packages = True"
    return "\n\n".join(
        [
            head,
            contract(
                "kit",
                "kit imports neither services nor gateway",
                "forbidden",
                source_modules=["kit"],
                forbidden_modules=["services", "gateway"],
            ),
            contract(
                "gateway",
                "gateway imports no service",
                "forbidden",
                source_modules=["gateway"],
                forbidden_modules=["services"],
            ),
            contract(
                "pages",
                "a page knows the portal and the messages",
                "forbidden",
                source_modules=[PAGES],
                forbidden_modules=not_for_pages(root),
                allow_indirect_imports="true",
            ),
            contract(
                "services",
                "services do not import the gateway",
                "forbidden",
                source_modules=["services"],
                forbidden_modules=["gateway"],
            ),
            contract(
                "independent",
                "no service imports a service",
                "independence",
                modules=[f"services.{name}" for name in found],
            ),
            contract(
                "pure",
                "a domain knows rules only",
                "forbidden",
                source_modules=domains(root),
                forbidden_modules=outside(root),
            ),
            *[
                contract(
                    f"rooms_{name}",
                    f"rooms of {name}",
                    "layers",
                    containers=[f"services.{name}"],
                    layers=bands,
                    exhaustive="true",
                )
                for name in found
            ],
        ]
    )


def lint(root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a tree."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "imports.ini"
        config.write_text(rules(root), encoding="utf-8")
        command = [
            str(Path(sys.executable).parent / "lint-imports"),
            "--config",
            str(config),
            "--no-cache",
        ]
        return subprocess.run(command, cwd=root, capture_output=True, text=True)


if __name__ == "__main__":
    result = lint()
    print(result.stdout[-3000:], result.stderr[-2000:])
    raise SystemExit(result.returncode)
