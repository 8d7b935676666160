"""The law of imports, written from the folders that are there, and held by import-linter.

python -m tests.house.importlaw        # prints broken contracts, exits non-zero
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PURE = ("errors", "regions", "rules", "calendar", "codes", "data")
"""Parts of kit that a domain may reach."""
FRAMEWORKS = (
    "grpc",
    "sqlmodel",
    "sqlalchemy",
    "asyncpg",
    "kafka",
    "fastapi",
    "starlette",
    "httpx",
    "opentelemetry",
    "protobuf",
    "protovalidate",
    "proto",
)
BANDS = (("service",), ("rpc", "reactions", "timers"), ("store",), ("domain",))
"""Rooms of a service, from the top; rooms of one band do not know each other."""


def names(folder: Path) -> list[str]:
    """Modules and packages directly in a folder."""
    found = {path.stem for path in folder.glob("*.py")} | {
        path.name for path in folder.iterdir() if (path / "__init__.py").exists()
    }
    return sorted(found - {"__init__"})


def services(root: Path) -> list[str]:
    """Folders with a `service.py`."""
    return sorted(path.parent.name for path in (root / "services").glob("*/service.py"))


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
    impure = [f"kit.{name}" for name in names(root / "kit") if name not in PURE]
    domains = [f"services.{name}.domain" for name in found]
    rooms = {name: names(root / "services" / name) for name in found}
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
                source_modules=[d for d in domains if "domain" in rooms[d.split(".")[1]]],
                forbidden_modules=[*FRAMEWORKS, *impure],
            ),
            *[
                contract(
                    f"rooms_{name}",
                    f"rooms of {name}",
                    "layers",
                    containers=[f"services.{name}"],
                    layers=bands,
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
