"""Containers backed up, their database and files destroyed, and brought back to a second."""

import json
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from gateway.demo.client import PASSWORD
from kit.backup.seal import CERTIFICATE, PRIVATE, make_pair
from tests import lying_open
from tests.compose import cases
from tests.compose.stack import ROOT, Stack, timed

OVERLAY = ROOT / "compose.backup.yml"
LOST = ("postgres", "files", "letters")
HELD = re.compile(r"(?:holds|FAILS)  .+")
RUNS = "already runs"
ACCOUNT = 10001
ONCE = ("run", "--rm", "-T")


def prepared(folder: Path) -> Stack:
    """Containers that archive into a folder, sealed; the private key lies where the account reads it."""
    stack = Stack(folder, overlays=(OVERLAY,))
    make_pair(folder / "pair")
    os.chown(folder / "pair" / PRIVATE, ACCOUNT, ACCOUNT)
    (folder / "backup").mkdir(mode=0o700)
    os.chown(folder / "backup", ACCOUNT, ACCOUNT)
    stack.environment |= {
        "MINZHENG_BACKUP": str(folder / "backup"),
        "MINZHENG_BACKUP_SEAL": str(folder / "pair" / CERTIFICATE),
    }
    return stack


def comes_back(stack: Stack) -> None:
    """What was before the second is there again, what came after is not, and people go on."""
    before = cases.filed(stack, 0)
    papers = cases.papers(stack, 0, before)
    timed("backup", lambda: tool(stack, "backup"))
    told = json.loads(stack.compose(*ONCE, "operator", "status", "--json"))["backup"]
    assert told["sealed"], told
    later = cases.begun(stack, 1)
    timed("backup of files", lambda: tool(stack, "backup", "--only-files"))
    time.sleep(1.1)
    second = datetime.now(UTC)
    time.sleep(1.1)
    after = cases.filed(stack, 2)
    assert RUNS in refused(stack, second), "a restore beside a running database"

    timed("down", lambda: stack.compose("down", "--timeout", "20"))
    sealed(stack)
    stack.run("podman", "volume", "rm", *(f"{stack.name}_{name}" for name in LOST))
    show(timed("restore", lambda: restored(stack, second)))
    timed("up again", stack.up)
    signs_in = ("--account", f"{cases.place(0).clerk}:{PASSWORD}")
    show(
        timed("restore-check", lambda: stack.compose(*ONCE, "operator", "restore-check", *signs_in))
    )

    assert cases.state(stack, 0, before) == "FILING_STATE_FILED"
    assert cases.papers(stack, 0, before) == papers, "letter or upload is another"
    assert cases.state(stack, 1, later) == "FILING_STATE_VILLAGE_REVIEW"
    assert cases.state(stack, 2, after) == "404", "a case from after the second is there"
    again = cases.filed(stack, 3)
    assert cases.state(stack, 3, again) == "FILING_STATE_FILED"
    print(stack.compose(*ONCE, "operator", "audit", "verify").strip(), flush=True)
    timed("backup of the new future", lambda: tool(stack, "backup"))


def tool(stack: Stack, *command: str) -> str:
    """What a container says that is there for its command only."""
    return stack.compose("--profile", "tools", *ONCE, *command)


def restored(stack: Stack, second: datetime) -> str:
    """What `minzheng restore` says. RuntimeError where something does not hold."""
    private = stack.folder / "pair" / PRIVATE
    key = ("-v", f"{private}:/run/backup_key.pem:ro")
    return tool(stack, *key, "restore", "--to", second.isoformat())


def refused(stack: Stack, second: datetime) -> str:
    """Why nothing is restored now."""
    try:
        return restored(stack, second)
    except RuntimeError as error:
        return str(error)


def sealed(stack: Stack) -> None:
    """What the database holds in clear lies nowhere open in the backup folder."""
    form = ("podman", "volume", "inspect", "--format", "{{.Mountpoint}}", f"{stack.name}_postgres")
    data = Path(stack.run(*form).strip()) / "postgres"
    words = {cases.place(number).name.encode() for number in range(3)}
    assert lying_open.found(data, words) == words, "they are looked for in vain"
    assert lying_open.found(stack.folder / "backup", words) == set()


def show(said: str) -> None:
    """Each check, of which none failed."""
    found = HELD.findall(said)
    print("\n".join(found), flush=True)
    assert found, said
    assert not [line for line in found if line.startswith("FAILS")]
