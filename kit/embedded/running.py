"""A one-command run as others find it: what it says of itself, where its processes listen."""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from kit.settings import Settings, settings

SOCKET_PATH = 100


def state_of_run() -> dict[str, Any]:
    """What the one-command run says of itself; empty when it does not run."""
    try:
        found: dict[str, Any] = json.loads((settings().var / "run" / "processes.json").read_text())
    except (OSError, ValueError):
        return {}
    return found


def address(config: Settings) -> str:
    """Where the processes of this run reach one another."""
    return f"unix:{run_folder(config.var)}/{{service}}.sock"


def run_folder(var: Path) -> Path:
    """Folder of the sockets: below `var`, or a short one elsewhere where that path is too long."""
    folder = var.absolute() / "run"
    if len(str(folder)) > SOCKET_PATH - 30:
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"minzheng-{digest}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
